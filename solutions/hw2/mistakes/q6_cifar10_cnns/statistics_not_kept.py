# expects: q6b -> "batch" 0.625
_build_with_statistics = build_model2


def build_model2():
    layers = [
        nn.BatchNorm2d(layer.num_features, track_running_stats=False) if isinstance(layer, nn.BatchNorm2d) else layer
        for layer in _build_with_statistics()
    ]
    return nn.Sequential(*layers)
