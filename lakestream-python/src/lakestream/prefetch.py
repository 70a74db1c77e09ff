# SPDX-License-Identifier: Apache-2.0
"""The next steps of one rank, made ready in the background while the training loop computes.

Two threads share the work. The *planner* walks along the steps: it follows the log, finds where the
rank's share of a step lies, and has its ranges fetched as long as they fit the budget. One range
holds the share of all steps of a bundle, so it is asked for once. The *preparer* takes what was
planned, in order, waits for its bytes, verifies and decodes them, a few steps ahead of the loop.
The loop itself never asks the store for anything.

A loop that asks for the next step at once gains nothing from a preparer: to hand a step from one
thread to another costs more than to decode a small one, and both need the interpreter. So the
preparer stays away from such a loop, and the loop prepares what was planned and fetched itself.

Where files are mapped, nothing has to be fetched either: there is no thread at all then, until a
loop does something between two steps, a step is slow to come, or is not committed yet.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Final

from lakestream.errors import LakestreamError
from lakestream.mapping import UNMAPPING
from lakestream.threads import PATROL, Workers, orphaned, start_daemon
from lakestream.waiting import LONGEST, Clock, Rhythm

if TYPE_CHECKING:
    from collections.abc import Callable

    from lakestream.share import ShareCache, StepShare
    from lakestream.stats import Fetched
    from lakestream.stream import Stream

_FETCHES: Final = 8
"""Ranges fetched at a time; the store divides large ones further."""

_PREPARED: Final = 3
"""Steps decoded ahead: what was cut or decompressed counts nowhere, so these are few."""

_PLANNED: Final = 512
"""Steps planned ahead at most, however small they are."""

_EAGER_SECONDS: Final = 0.0005
"""A loop that came back for its next step within that time may do so again."""

_SLOW_SECONDS: Final = 0.003
_SLOW_RATE: Final = 1e9
"""A mapped step that takes so long, at fewer bytes a second, is hardly in memory."""

_SIGNS: Final = 3
"""How often a loop must come back late, or a mapped step be slow, before threads are started."""

_SIGN_STEPS: Final = 8
"""After so many steps without a sign an earlier one counts no more: machines are busy at times."""

_ASIDE_SECONDS: Final = 0.002
"""How long the preparer stays away from such a loop before it looks again."""

_REST: Final = 60.0
"""How long the preparer waits to be told of something to do."""

_REFILL: Final = 8
"""The planner goes on when one of so many steps that were planned was taken, not after each."""

_GLANCE_SECONDS: Final = 10.0
"""How often the log is looked at while there is enough to read."""

_GLANCES: Final = 15
"""So many looks at the log after a thorough one may be glances; see `Stream.glance`."""

_OVERTIME_SECONDS: Final = 3.0
"""How long a look at the log that is under way may delay a deadline."""

_JOIN_SECONDS: Final = 5.0

_DATA_SECONDS: Final = 30.0
"""The least time for the bytes of a step that is committed."""


class LateError(Exception):
    """A step is not ready after `waited` seconds, `visible` or not."""

    def __init__(self, waited: float, *, visible: bool) -> None:
        super().__init__(waited)
        self.waited = waited
        self.visible = visible


class Prefetch:
    """Delivers every `of`-th step from the `turn`-th on, of those that `course` leads along.

    `course` gives the first step at or after its argument that is not skipped. Fetched ranges take
    at most `budget` bytes; but the step after the one in use is fetched whatever it takes.

    What fails is told by `take` for the step that it concerns, and nothing is planned after it.

    Used by one thread, in the process that made it: see `mine`.
    """

    def __init__(
        self,
        stream: Stream,
        shares: ShareCache,
        course: Callable[[int], int],
        *,
        start: int,
        turn: int,
        of: int,
        budget: int,
        clock: Clock,
        fetched: Fetched,
    ) -> None:
        self._stream = stream
        self._fetched = fetched
        self._shares = shares
        self._course = course
        self._start, self._turn, self._of = start, turn, of
        self._budget = budget
        self._clock = clock
        self._rhythm = Rhythm()
        self._pid = os.getpid()
        self._workers = Workers(_FETCHES, "lakestream-fetch") if stream.store.remote else None
        lock = threading.Lock()
        self._wake = threading.Condition(lock)
        """The lock of what follows; the planner waits here."""
        self._work = threading.Condition(lock)
        """The preparer waits here."""
        self._arrived = threading.Condition(lock)
        """The loop waits here."""
        self._planned: deque[tuple[int, StepShare | Exception]] = deque()
        self._ready: dict[int, StepShare | Exception] = {}
        self._outstanding = 0
        self._refill_at = 0
        self._left = -1.0
        """When the loop got a step; it waits for one, or has not come yet, if negative."""
        self._resting = False
        """Whether the preparer waits until there is something to do."""
        self._taken = -1
        self._due = -1
        self._due_until = 0.0
        self._missed = -1
        self._ended = False
        self._closed = False
        self._looked = time.monotonic()
        self._glances = 0
        """How many looks at the log may be glances."""
        self._sure = True
        """Whether the last one was none."""
        self._asked = -1
        """The step that is about to be called late: one more look, and no glance, is wanted."""
        self._alone = threading.Lock()
        """Held while the loop does what the threads would do, and while they are started."""
        self._signs = 0
        self._seen = -1
        self._preparer: threading.Thread | None = None
        if stream.store.remote:
            self._start_threads()
        else:
            PATROL.ask(self._has_company)

    @property
    def mine(self) -> bool:
        """Whether this process made it; threads do not survive a fork."""
        return self._pid == os.getpid()

    @property
    def steps_ahead(self) -> int:
        """Steps that are planned and not yet taken."""
        return self._outstanding

    @property
    def bytes_held(self) -> int:
        """Bytes of the ranges that are fetched or being fetched."""
        return self._shares.held

    def take(self, step: int, deadline: float) -> StepShare | None:
        """The share of `step`, the next to deliver; None if the stream ended before it.

        Waits `deadline` seconds for its commit; then it raises `LateError`. Ends the use of all
        steps before.
        """
        if self._preparer is None:
            share = self._take_alone(step)
            if share is not None:
                return share
        began, began_here = self._clock.monotonic(), time.monotonic()
        with self._wake:
            at_hand = self._at_hand(step)
            if at_hand is None:
                self._left = -1.0
                self._due, self._due_until = step, began + deadline
                self._wake.notify()
                self._work.notify()
            while at_hand is None:
                if self._ended and not self._outstanding:
                    return None
                if orphaned():
                    raise LakestreamError("the process that started this one has ended")
                waited = self._clock.monotonic() - began
                visible = step < self._stream.next_step
                patience = max(deadline, _DATA_SECONDS) if visible else deadline
                overtime = time.monotonic() - began_here >= patience + _OVERTIME_SECONDS
                if waited >= patience and (visible or self._missed == step or overtime):
                    if visible or overtime or self._asked == step:
                        self._due = self._missed = self._asked = -1
                        raise LateError(waited, visible=visible)
                    self._asked, self._missed = step, -1
                self._arrived.wait(min(max(patience - waited, 0.01), 1.0))
                at_hand = self._at_hand(step)
            outcome, prepared = at_hand
            self._outstanding -= 1
            self._taken = step
            self._left = time.monotonic()
            if self._outstanding <= self._refill_at:
                self._wake.notify()
        if isinstance(outcome, Exception):
            raise outcome
        if not prepared:
            self._shares.prepare(outcome)
            self._left = time.monotonic()
        if self._resting:
            with self._work:
                self._work.notify()
        return outcome

    def _take_alone(self, step: int) -> StepShare | None:
        """The share of a visible step of mapped files, without any threads; else None.

        Starts the threads for the steps after it if there is something to gain.
        """
        with self._alone:
            if self._preparer is not None:
                return None
            began = time.monotonic()
            if step >= self._stream.next_step:
                self._go_on_with_threads(step, 0)
                return None
            share, ranges = self._shares.plan(step)
            if ranges:
                self._shares.forget_before(step)
                for range_ in ranges:
                    self._fetched.add(range_.size)
            self._shares.prepare(share)
            self._taken = step
            now = time.monotonic()
            late = 0 <= self._left < began - _EAGER_SECONDS
            slow = now - began > _SLOW_SECONDS and share.size < _SLOW_RATE * (now - began)
            self._left = now
            if late or slow:
                self._signs += _SIGN_STEPS
                if self._signs > (_SIGNS - 1) * _SIGN_STEPS:
                    self._go_on_with_threads(step + 1, self._of - 1)
            elif self._signs:
                self._signs -= 1
            return share

    def _has_company(self) -> bool:
        """Whether there are threads, or need be none any more.

        Starts them where the loop has had the same step since it was asked the last time.
        """
        if self._closed or self._preparer is not None or not self.mine:
            return True
        if self._alone.acquire(blocking=False):
            try:
                if self._preparer is None and self._taken >= 0 and self._seen == self._taken:
                    self._go_on_with_threads(self._taken + 1, self._of - 1)
                self._seen = self._taken
            except RuntimeError:
                return True  # No thread can be started: the loop goes on without.
            finally:
                self._alone.release()
        return self._preparer is not None

    def _go_on_with_threads(self, step: int, turn: int) -> None:
        self._start, self._turn = step, turn
        self._start_threads()

    def _start_threads(self) -> None:
        start_daemon("lakestream-planner", self._plan_all, self.close)
        self._preparer = start_daemon("lakestream-preparer", self._prepare_all, self.close)

    def _at_hand(self, step: int) -> tuple[StepShare | Exception, bool] | None:
        """What became of `step` and whether it is prepared; None if it has to be waited for."""
        outcome = self._ready.pop(step, None)
        if outcome is not None:
            return outcome, True
        if self._planned and self._planned[0][0] == step:
            outcome = self._planned[0][1]
            if isinstance(outcome, Exception) or outcome.fetched:
                self._planned.popleft()
                return outcome, False
        return None

    def close(self) -> None:
        """Stops fetching. Threads end as soon as the request that they wait for does.

        Nothing looks at mapped files any more when it returns.
        """
        if not self.mine:
            return
        if self._workers is None:
            PATROL.leave(self._has_company)
        with self._wake:
            self._closed = True
            self._planned.clear()
            self._ready.clear()
            for waiting in (self._wake, self._work, self._arrived):
                waiting.notify_all()
        # Collecting garbage may close a forgotten iterator in any thread, even one of these.
        preparer = self._preparer
        if self._workers is not None:
            return
        if preparer is None:
            self._shares.forget_all()
        elif not threading.current_thread().name.startswith("lakestream-"):
            preparer.join(_JOIN_SECONDS)
        UNMAPPING.end_all()

    def _plan_all(self) -> None:
        step, number = self._start, 0
        while True:
            step = self._course(step)
            try:
                if not self._await(step):
                    return
                ours = number >= self._turn and (number - self._turn) % self._of == 0
                if ours and not self._plan(step):
                    return
            except Exception as error:  # noqa: BLE001 - told where the step is due
                self._hand_on(step, error)
                return
            step, number = step + 1, number + 1

    def _plan(self, step: int) -> bool:
        """Has the ranges of a visible step fetched, once there is room; False if closed before."""
        share, ranges = self._shares.plan(step)
        if not self._admit():
            return False
        for range_ in ranges:
            self._fetched.add(range_.size)
            range_.fetch(self._workers)
        return self._hand_on(step, share)

    def _admit(self) -> bool:
        while True:
            with self._wake:
                while not self._closed and not self._has_room():
                    self._refill_at = self._outstanding - max(1, self._outstanding // _REFILL)
                    self._wake.wait(_GLANCE_SECONDS)
                    self._shares.forget_before(self._taken)
                    if time.monotonic() - self._looked >= _GLANCE_SECONDS:
                        break
                else:
                    return not self._closed
            self._look()

    def _has_room(self) -> bool:
        if self._outstanding == 0:
            return True
        return self._outstanding < _PLANNED and self._shares.held <= self._budget

    def _hand_on(self, step: int, outcome: StepShare | Exception) -> bool:
        with self._wake:
            if not self._closed:
                self._planned.append((step, outcome))
                self._outstanding += 1
                if self._due == step:
                    self._arrived.notify()
                if self._resting:
                    self._work.notify()
            return not self._closed

    def _await(self, step: int) -> bool:
        """Returns once `step` is visible; False if the stream ends before it, or this is closed."""
        began = self._clock.monotonic()
        while step >= self._stream.next_step:
            due = self._due == step
            if due and self._missed != step:
                self._glances = 0
            error = self._look()
            if step < self._stream.next_step:
                self._rhythm.observe(self._clock.monotonic() - began)
            elif error is None and self._stream.sealed:
                with self._wake:
                    self._ended = True
                    self._arrived.notify()
                return False
            elif not self._pause(step, began, due=due, error=error):
                return False
        return not self._closed

    def _look(self) -> Exception | None:
        """Follows the log. What fails may pass, and matters only if somebody waits."""
        self._looked = time.monotonic()
        self._sure = not self._glances
        try:
            if self._glances:
                found = self._stream.glance()
                self._glances = 0 if found else self._glances - 1
            else:
                self._stream.refresh()
                self._glances = _GLANCES
        except Exception as error:  # noqa: BLE001 - raised if the step is due
            return error
        return None

    def _pause(self, step: int, began: float, *, due: bool, error: Exception | None) -> bool:
        """Waits before the next look, which comes at once when the step becomes due."""
        now = self._clock.monotonic()
        with self._wake:
            self._shares.forget_before(self._taken)
            seconds = self._rhythm.pause(now - began)
            if due:
                if error is not None:
                    raise error
                if self._sure or self._asked != step:
                    self._missed = step
                    self._arrived.notify()
                seconds = min(seconds, max(self._due_until - now, 0.001))
            if due and self._clock.sleep is not None:
                if now >= self._due_until:
                    self._wake.wait(0.005)  # The loop has the word, and no time passes meanwhile.
                self._wake.release()
                try:
                    self._clock.sleep(seconds)
                finally:
                    self._wake.acquire()
                return not self._closed
            until = now + min(seconds, LONGEST)
            while not self._closed and (left := until - time.monotonic()) > 0:
                if self._due == step and not due:
                    break
                self._wake.wait(left)
                self._shares.forget_before(self._taken)
            return not self._closed

    def _prepare_all(self) -> None:
        while True:
            with self._wake:
                while not self._closed and (aside := self._stays_aside()):
                    self._resting = aside is _REST
                    self._work.wait(aside)
                self._resting = False
                if self._closed:
                    return
                step, outcome = self._planned.popleft()
            if not isinstance(outcome, Exception):
                try:
                    self._shares.prepare(outcome)
                except Exception as error:  # noqa: BLE001 - told where the step is due
                    outcome = error
            with self._wake:
                if not self._closed:
                    self._ready[step] = outcome
                    if self._due == step:
                        self._left = time.monotonic()
                        self._arrived.notify()
            del outcome

    def _stays_aside(self) -> float:
        """How many seconds the preparer takes no step; 0 if there is one for it."""
        if not self._planned or len(self._ready) >= _PREPARED:
            return _REST
        eager = 0 <= self._left > time.monotonic() - _EAGER_SECONDS
        return _ASIDE_SECONDS if eager else 0.0
