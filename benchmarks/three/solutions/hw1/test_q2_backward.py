import torch

from grader import close, points


@points(3, part="q2")
def test_agrees_with_autograd(submission, draw):
    """The gradients agree with automatic differentiation on five sizes."""
    numbers = draw("sizes")
    for _ in range(5):
        X, F = numbers.normal(size=(7, 6)), numbers.normal(size=tuple(numbers.integers(1, 5, size=2)))
        x, f = (torch.tensor(a, requires_grad=True) for a in (X, F))
        torch.nn.functional.conv2d(x[None, None], f[None, None]).mean().backward()
        dX, dF = submission.conv_mean_backward(X, F)

        assert dX == close(x.grad.numpy())
        assert dF == close(f.grad.numpy())
