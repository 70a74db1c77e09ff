# SPDX-License-Identifier: Apache-2.0
"""Trains a small GPT from a stream, which Spark may still be filling, with any number of processes.

    bin/lakestream demo-stream /tmp/stream &
    torchrun --standalone --nproc-per-node 2 train_gpt.py /tmp/stream --folder /tmp/run

Whatever kills it, the same command goes on where the last checkpoint is, also with another number
of processes, as long as it divides the slots of a step. Every step is proved to be whole: the ranks
put the digests of their slots together and compare the result with the stream's log.

`history.jsonl` in the folder has a line for each step that was trained on: its loss, its digest
(`digest`) and SHA-256 over the tokens that the models of all ranks got (`tokens`).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
import torch.distributed as dist
from torch import nn
from torch.nn import functional as F  # noqa: N812 - everybody's name for it

import lakestream
from lakestream.torch import to_tensor

if TYPE_CHECKING:
    from lakestream.reader import Reader, Step

VOCABULARY = 4096
"""The demo's tokenizer knows 100,000 tokens, the frequent ones first. The rest become one."""

WIDTH, HEADS, LAYERS = 64, 4, 2
KEPT = 2
"""How many checkpoints are kept, and their data with them."""


class Block(nn.Module):
    """Attention to what came before, then two layers, each added to its input."""

    def __init__(self) -> None:
        super().__init__()
        self.before_attention, self.before_layers = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.attention, self.mix = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.layers = nn.Sequential(
            nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Of shape (rows, positions, width), as `x`."""
        rows, length, _ = x.shape
        split = self.attention(self.before_attention(x)).view(rows, length, 3, HEADS, -1)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + self.mix(seen.transpose(1, 2).reshape(rows, length, WIDTH))
        return x + self.layers(self.before_layers(x))  # type: ignore[no-any-return]


class GPT(nn.Module):
    """As small as one can be that still learns something in a minute."""

    def __init__(self, context: int) -> None:
        super().__init__()
        self.tokens, self.positions = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(context, WIDTH)
        self.blocks = nn.Sequential(*(Block() for _ in range(LAYERS)))
        self.head = nn.Sequential(nn.LayerNorm(WIDTH), nn.Linear(WIDTH, VOCABULARY))

    def loss(self, tokens: torch.Tensor) -> torch.Tensor:
        """What it costs to tell each next token of `tokens`, of shape (rows, length), summed up."""
        tokens = tokens.long().clamp(max=VOCABULARY - 1)
        inputs, targets = tokens[:, :-1], tokens[:, 1:]
        x = self.tokens(inputs) + self.positions.weight[: inputs.shape[1]]
        logits = self.head(self.blocks(x))
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum")


@dataclass
class Trained:
    """What a step left behind: the mean loss, and the digests of what all ranks got."""

    loss: float
    digest: str
    tokens: str


class Trainer:
    """The model of one rank, which is the same on all of them, and how a step changes it."""

    def __init__(self, context: int, *, seed: int, column: str = "tokens") -> None:
        torch.manual_seed(seed)
        self.column = column
        self.model = GPT(context)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=3e-3)
        self.trained = 0

    def train(self, step: Step) -> Trained:
        """Averages gradients over the whole step, whichever rank had which of its slots.

        Within a rank they are summed up in the order of slots, then in one sum over the ranks: with
        as many ranks the result is the same to the bit.
        """
        losses = torch.zeros(())
        proofs = bytearray()
        self.optimizer.zero_grad(set_to_none=False)
        for batch, slot_digest in zip(step.batches, step.slot_digests, strict=True):
            tokens = to_tensor(batch.column(self.column))
            assert tokens is not None, f"column {self.column!r} is no tensor"
            proofs += bytes.fromhex(slot_digest) + hashlib.sha256(tokens.numpy().tobytes()).digest()
            predicted = step.record.rows * (tokens.shape[1] - 1)
            loss = self.model.loss(tokens) / predicted
            loss.backward()
            losses += loss.detach()
        digest, tokens_digest = _put_together(proofs)
        if digest != step.record.digest:
            raise RuntimeError(
                f"the ranks have {digest} of step {step.step}, not {step.record.digest}"
            )
        mean = self._average_gradients(losses)
        self.optimizer.step()
        self.trained += 1
        return Trained(mean, digest, tokens_digest)

    def _average_gradients(self, loss: torch.Tensor) -> float:
        """One sum over the ranks, with the loss behind the gradients."""
        parameters = list(self.model.parameters())
        for parameter in parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        flat = torch.cat([*(gradient.flatten() for gradient in gradients), loss.reshape(1)])
        dist.all_reduce(flat)
        sizes = [gradient.numel() for gradient in gradients]
        for gradient, summed in zip(gradients, flat[:-1].split(sizes), strict=True):
            gradient.copy_(summed.view_as(gradient))
        return float(flat[-1])

    def state_dict(self) -> dict[str, Any]:
        """Of the model and the optimizer."""
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "trained": self.trained,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes on with what `state_dict` gave."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.trained = state["trained"]


def _put_together(proofs: bytearray) -> tuple[str, str]:
    """The step's digest and that of its tokens, from two digests for each slot of every rank."""
    own = torch.frombuffer(proofs, dtype=torch.uint8)
    gathered = [torch.empty_like(own) for _ in range(dist.get_world_size())]
    dist.all_gather(gathered, own)
    slots = torch.cat(gathered).view(-1, 2, 32)
    return (
        hashlib.sha256(slots[:, 0].numpy().tobytes()).hexdigest(),
        hashlib.sha256(slots[:, 1].numpy().tobytes()).hexdigest(),
    )


class Checkpoints:
    """Model, optimizer and cursor in one file each; those kept keep their next steps readable."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> list[Path]:
        """From the oldest to the newest."""
        return sorted(self.folder.glob("step-*.pt"))

    def newest(self) -> dict[str, Any] | None:
        """What to go on with."""
        found = self.all()
        return torch.load(found[-1], weights_only=True) if found else None

    def save(self, trainer: Trainer, reader: Reader) -> None:
        """Pins, then writes; what is killed in between pins once more when it comes here again."""
        path = self.folder / f"step-{reader.cursor.next_step:08}.pt"
        state = {**trainer.state_dict(), "data": reader.checkpoint(path.stem)}
        unfinished = path.with_suffix(".unfinished")
        with unfinished.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        for old in self.all()[:-KEPT]:
            reader.release(old.stem)
            old.unlink()


def train(reader: Reader, trainer: Trainer, folder: Path, *, every: int, until: int) -> None:
    """Trains to the end of the stream, or until so many steps of it are done."""
    rank, world = dist.get_rank(), dist.get_world_size()
    checkpoints = Checkpoints(folder)
    # A rank that trains needs all others, so no file comes or goes before all of them have read it.
    state = checkpoints.newest()
    if state is not None:
        trainer.load_state_dict(state)
        reader.load_state_dict(state["data"])
    start = reader.cursor.next_step
    _say(f"rank {rank} of {world}, process {os.getpid()}, begins with step {start}")
    saved = start
    with (folder / "history.jsonl").open("a") if rank == 0 else nullcontext() as history:
        for step in reader.steps():
            trained = trainer.train(step)
            if history is not None:
                done = {"step": step.step, "ranks": world, **vars(trained)}
                history.write(json.dumps(done) + "\n")
                history.flush()
                told = reader.stats()
                _say(
                    f"step {step.step}: loss {trained.loss:.4f}, waited {told.wait_seconds:.2f} s"
                    f" so far, producers lead by {told.lead_steps}"
                )
                if (step.step + 1) % every == 0:
                    checkpoints.save(trainer, reader)
                    saved = step.step + 1
            if step.step + 1 >= until:
                break
    if rank == 0:
        if reader.cursor.next_step > saved:
            checkpoints.save(trainer, reader)
        told = reader.stats()
        _say(
            f"{told.steps} steps, {told.bytes_fetched} bytes in {told.ranges_fetched} ranges;"
            f" waited for a step: p50 {told.wait_p50:.6f} s, p99 {told.wait_p99:.6f} s"
        )


def _say(line: str) -> None:
    """In one write, since ranks share the output; `print` makes two where nothing is buffered."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """As torchrun starts it; without torchrun it is the only process."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("stream", help="its URI")
    parser.add_argument("--folder", type=Path, required=True, help="for checkpoints and history")
    parser.add_argument("--job", default="train-gpt", help="names the run's pins in the stream")
    parser.add_argument("--until", type=int, default=1 << 40, help="how many steps of the stream")
    parser.add_argument("--checkpoint-every", type=int, default=10, metavar="STEPS")
    parser.add_argument("--context", type=int, default=128, help="tokens of a row, at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--deadline", type=float, default=600, help="seconds to wait for a step")
    args = parser.parse_args()

    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    if "RANK" in os.environ:
        dist.init_process_group("gloo")
    else:
        store = dist.HashStore()  # type: ignore[attr-defined, unused-ignore]
        dist.init_process_group("gloo", store=store, rank=0, world_size=1)
    args.folder.mkdir(parents=True, exist_ok=True)
    reader = lakestream.open(args.stream).reader(
        dp_rank=dist.get_rank(),
        dp_size=dist.get_world_size(),
        job=args.job,
        deadline=args.deadline,
    )
    trainer = Trainer(args.context, seed=args.seed)
    train(reader, trainer, args.folder, every=args.checkpoint_every, until=args.until)
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
