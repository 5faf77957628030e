"""Drop-in modules: change one import line, and the calls that you have make data whose ratios hold.

    import fodder.compat.s3dlio as s3dlio
    import fodder.compat.dgen_py as dgen_py

Each has the data generation of its namesake, and takes every other name from the real package where that is installed.
docs/python.md lists what differs, and why.
"""
