# expects: q3c -> "kernel" 0.6
def pool_facts():
    return {
        "trainable_params": 0,
        "depth_preserved": True,
        "why_not_trained": "no parameters",
        "gradient_flows": True,
        "reduces_conv_params": True,
    }
