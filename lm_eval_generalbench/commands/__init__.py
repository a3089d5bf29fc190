"""The subcommands of `generalbench`, a file each.

Each has `arguments(parser)`, which declares what it takes, and `run(args)`, which
returns the exit status. A file is imported when its subcommand was chosen; what is
heavy is imported in `run`, so that `--help` stays quick.
"""
