"""What can keep the local product from starting or running; each message is one line that says what to do."""


class LocalError(Exception):
    """Base of everything that ends `python -m local` with a line instead of a traceback."""


class LocalConfigError(LocalError):
    """A variable of the environment has a value that cannot be used."""


class AlreadyRunning(LocalError):
    """Another launcher holds this state folder."""


class PortTaken(LocalError):
    """Another program listens where the page or the socket should."""


class DiskProblem(LocalError):
    """The state folder cannot be written, or its disk is full."""


class DamagedState(LocalError):
    """A file in the state folder is not what was written there."""


class ProgramFailed(LocalError):
    """One of the programs did not start, or ended by itself."""


class DockerMissing(LocalError):
    """Tasks should be containers, and no Docker Engine answers."""


class ImageFailed(LocalError):
    """The image could not be built."""
