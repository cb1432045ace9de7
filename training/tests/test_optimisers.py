"""What changes the weights."""

from __future__ import annotations

import pytest
import torch

from ear_training.net import Net
from ear_training.optimisers import Muon, optimisers, orthogonal


@pytest.mark.parametrize("shape", [(64, 1536), (768, 128)])
def test_a_step_has_singular_values_of_about_one(shape: tuple[int, int]) -> None:
    torch.manual_seed(1)
    values = torch.linalg.svdvals(orthogonal(torch.randn(shape)))
    assert float(values.min()) > 0.6
    assert float(values.max()) < 1.3


def test_a_step_goes_where_the_gradient_goes() -> None:
    torch.manual_seed(1)
    gradient = torch.randn(64, 128)
    left, _, right = torch.linalg.svd(gradient, full_matrices=False)
    torch.testing.assert_close(orthogonal(gradient), left @ right, atol=0.1, rtol=0)


def test_muon_finds_a_matrix_that_is_hard_to_find() -> None:
    torch.manual_seed(1)
    wanted, found = torch.randn(8, 16), torch.nn.Parameter(torch.zeros(8, 16))
    scales = torch.logspace(0, -1.5, 16)
    muon = Muon([found], 0.05)
    for step in range(400):
        muon.param_groups[0]["lr"] = 0.05 * (1 - step / 400)
        muon.zero_grad()
        ((found - wanted) * scales).square().sum().backward()
        muon.step()
    assert float((found.detach() - wanted).square().mean()) < 0.1


def test_every_parameter_is_moved_by_one_optimiser() -> None:
    net = Net()
    groups = [group for optimiser in optimisers(net, 1e-3) for group in optimiser.param_groups]
    moved = [id(one) for group in groups for one in group["params"]]
    assert sorted(moved) == sorted(id(one) for one in net.parameters())
