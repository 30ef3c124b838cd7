"""The tools of the project: what `tools/demo` and `tools/test` run once the machine is ready."""
