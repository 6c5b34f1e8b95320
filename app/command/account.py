"""Which account runs PostgreSQL: the server refuses to run as root.

As an ordinary user everything runs as that user and this module does nothing. As root the
programs of the server are started through ``setpriv`` as ``postgres`` (else ``nobody``). A
checkout under a closed folder (mode 700, such as /root) is out of that account's reach; the
ambient capability ``dac_read_search`` lets it pass without opening the folder to anyone else.
"""

import hashlib
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

CAPABILITY = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")


@dataclass(frozen=True)
class Account:
    """``prefix`` goes before each command line; ``uid``, ``gid`` own the files (None: we do)."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    def reaches(self, path: Path) -> bool:
        """Can the account walk to ``path``? Asked of the kernel, not computed from modes."""
        line = [*self.prefix, "test", "-e", str(path)]
        return subprocess.run(line, capture_output=True, cwd="/", check=False).returncode == 0

    def make_folder(self, folder: Path) -> None:
        """Make ``folder`` closed to all but this account (and root)."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.uid is not None and self.gid is not None:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)


def server_account(*needed: Path) -> Account | None:
    """The account for the server, able to reach every path in ``needed``; None if none can."""
    if os.geteuid() != 0:
        return Account()
    entry = _unprivileged_entry()
    prefix = ("setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups")
    for extra in ((), CAPABILITY):
        account = Account((*prefix, *extra, "--"), entry.pw_uid, entry.pw_gid)
        if all(account.reaches(path) for path in needed):
            return account
    return None


def open_folder_for(folder: Path) -> Path:
    """The stand-in for a ``folder`` out of reach: /var/lib/dolbom/<hash of its path>."""
    return Path("/var/lib/dolbom") / hashlib.sha256(bytes(folder)).hexdigest()[:12]


def _unprivileged_entry() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")
