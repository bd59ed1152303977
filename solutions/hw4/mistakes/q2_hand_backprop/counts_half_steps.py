# expects: q2e -> "half" 1/6
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
def converged():
    losses = train_tiny(GIVEN["w"], GIVEN["i"], GIVEN["y"], GIVEN["lr"] / 2, 200)["L"]
    return {"converged": False, "epochs_to_1e-3": next(n for n, loss in enumerate(losses) if loss < 1e-3)}
