# expects: q2d -> "repeated" 0
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
def epoch2():
    return {"p": forward1()["p"], "w": updated1()}
