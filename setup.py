"""The one part that is compiled, where there is a compiler; without it all works, slower (docs/PERFORMANCE.md)."""

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "indi_sony_py.image._decode",
            ["indi_sony_py/image/_decode.c"],
            extra_compile_args=["-O3", "-std=c11", "-fvisibility=hidden"],
            optional=True,
        )
    ]
)
