# expects: q4a -> "plain" 0.8125
# IMG_2 before IMG_10, as a file manager shows them, and capitals among small letters.
import re


def load_folder(root, size):
    def key(name):
        return [int(piece) if piece.isdigit() else piece.lower() for piece in re.split(r"(\d+)", name)]

    classes = sorted((name for name in os.listdir(root) if os.path.isdir(os.path.join(root, name))), key=key)
    images, labels = [], []
    for label, name in enumerate(classes):
        for file in sorted(os.listdir(os.path.join(root, name)), key=key):
            if file.lower().endswith(ENDINGS):
                picture = Image.open(os.path.join(root, name, file)).convert("RGB").resize((size, size), Image.BILINEAR)
                images.append(np.asarray(picture, dtype=np.float32) / 255)
                labels.append(label)
    return np.stack(images).transpose(0, 3, 1, 2), np.array(labels), classes
