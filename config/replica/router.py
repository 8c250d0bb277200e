"""The database router: reads of pages go to the replica, all other statements to the primary.

It is used only with `READ_REPLICA_URL`. The middleware (`config.replica.middleware`) stores the state of the request in a context
variable. Outside a request (the worker, commands) there is none, and all statements go to the primary.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model

REPLICA = "replica"
# Sessions, tokens, the queue, the cache table and the tables of the back-office are always read from the primary.
OUR_APPS = frozenset({"audit", "hierarchy", "accounts", "assessments", "plans", "portfolio", "reviews"})


@dataclass
class RequestRouting:
    """The state of one request: whether it may read from the replica, and what it did so far."""

    may_read_replica: bool = False
    wrote: bool = False  # from then on it reads from the primary
    replica_failed: bool = False

    @property
    def reads_replica(self) -> bool:
        return self.may_read_replica and not self.wrote and not self.replica_failed


current_routing: ContextVar[RequestRouting | None] = ContextVar("current_routing", default=None)


class ReplicaRouter:
    """Send reads of pages to the replica, all else to the primary.

    It always names a database. If it returned None, Django would read the relations of an object from the replica when the
    object came from there.
    """

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        routing = current_routing.get()
        if routing is None or not routing.reads_replica or model._meta.app_label not in OUR_APPS:
            return DEFAULT_DB_ALIAS
        # An act decides on what it reads: inside a transaction it reads from the primary.
        return DEFAULT_DB_ALIAS if connections[DEFAULT_DB_ALIAS].in_atomic_block else REPLICA

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        """Django also calls it for `select_for_update`."""
        routing = current_routing.get()
        if routing is not None and model._meta.app_label in OUR_APPS:
            routing.wrote = True
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        return True  # both databases hold the same rows

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db != REPLICA
