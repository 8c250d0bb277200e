"""Which database a statement goes to: the primary, unless a page is only read and the replica may be asked.

Without `READ_REPLICA_URL` none of this is in use. What decides is the request at hand (`config.replica.middleware`), kept in a context
variable: outside a request (the worker, commands) there is none, and everything goes to the primary.
"""

from contextvars import ContextVar
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model

REPLICA = "replica"
# Sessions, tokens, the queue, the cache table and the back-office's own tables are always asked where they are written.
OUR_APPS = frozenset({"audit", "hierarchy", "accounts", "assessments", "plans", "portfolio"})


@dataclass
class Visit:
    """What one request may do, and has done."""

    may_read_replica: bool = False
    wrote: bool = False  # from here on it reads where it wrote
    replica_failed: bool = False

    @property
    def reads_replica(self) -> bool:
        return self.may_read_replica and not self.wrote and not self.replica_failed


current_visit: ContextVar[Visit | None] = ContextVar("current_visit", default=None)


class ReplicaRouter:
    """Reads of pages go to the replica, all else to the primary.

    The primary is named, not left to Django: what was read from the replica would otherwise go on reading there.
    """

    def db_for_read(self, model: type[Model], **hints) -> str:
        visit = current_visit.get()
        if visit is None or not visit.reads_replica or model._meta.app_label not in OUR_APPS:
            return DEFAULT_DB_ALIAS
        # What an act reads is what it decides on: inside a transaction that is the primary's.
        return DEFAULT_DB_ALIAS if connections[DEFAULT_DB_ALIAS].in_atomic_block else REPLICA

    def db_for_write(self, model: type[Model], **hints) -> str:
        """Asked for `select_for_update` too."""
        visit = current_visit.get()
        if visit is not None and model._meta.app_label in OUR_APPS:
            visit.wrote = True
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Model, other: Model, **hints) -> bool:
        return True  # two doors to the same rows

    def allow_migrate(self, db: str, app_label: str, **hints) -> bool:
        return db != REPLICA
