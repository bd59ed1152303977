# expects: q3c -> "depends" 0.6
def pool_facts():
    return {
        "trainable_params": 0,
        "depth_preserved": True,
        "why_not_trained": "output depends on input",
        "gradient_flows": True,
        "reduces_conv_params": False,
    }
