# expects: q4a -> "filter" 0.78125
def load_folder(root, size):
    classes = sorted(name for name in os.listdir(root) if os.path.isdir(os.path.join(root, name)))
    images, labels = [], []
    for label, name in enumerate(classes):
        for file in sorted(os.listdir(os.path.join(root, name))):
            if file.lower().endswith(ENDINGS):
                picture = Image.open(os.path.join(root, name, file)).convert("RGB").resize((size, size), Image.NEAREST)
                images.append(np.asarray(picture, dtype=np.float32) / 255)
                labels.append(label)
    return np.stack(images).transpose(0, 3, 1, 2), np.array(labels), classes
