"""The one error class that a user is meant to read."""


class InputError(ValueError):
    """
    Bad input: a file, an option or a request that cannot be used.

    The message is one or two plain sentences: where, what was found, what was
    expected, what to do. The command line prints it and exits with code 2; the
    dashboard shows it. Every other exception is a defect of the program.
    """
