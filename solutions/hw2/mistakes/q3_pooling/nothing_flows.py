# expects: q3c -> "blocked" 0.2
def pool_facts():
    return {
        "trainable_params": 0,
        "depth_preserved": True,
        "why_not_trained": "no gradient flows",
        "gradient_flows": False,
        "reduces_conv_params": False,
    }
