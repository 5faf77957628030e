"""Where tools/compare gets its contenders: a virtual environment with released packages, fio, and processes that answer requests."""

import json
import os
import re
import select
import shutil
import subprocess
import sys

TOOLS = os.path.dirname(os.path.abspath(__file__))
PACKAGES = ("s3dlio", "dgen-py", "numpy")
ANSWER_SECONDS = 120
PIP = ["--quiet", "--disable-pip-version-check", "--retries=1", "--timeout=15"]
FIO = ["--name=compare", "--rw=write", "--refill_buffers", "--thread", "--group_reporting", "--output-format=json"]


class PeerError(Exception):
    """One sentence on why a contender gave no figure."""


def run(command, seconds=300, **options):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, **options)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PeerError(str(error)) from error
    if done.returncode != 0:
        raise PeerError(last_line(done.stderr or done.stdout) or f"{command[0]}: exit status {done.returncode}")
    return done.stdout


def last_line(text):
    """What went wrong. pip calls an index that it cannot reach one without the package; the reason stands above that, in a warning."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    unreached = [line for line in lines if "Retrying" in line]
    said = (errors or lines or [""])[-1].removeprefix("ERROR: ")
    if unreached:
        said = "no network: " + re.sub(r".*(?:>: |>, ')(.*?)'\).*", r"\1", unreached[-1])
    return said[:160]


def make_environment(path):
    """Debian's Python makes it, where it can: a Python of pyenv need not stay where it is."""
    python = os.path.join(path, "bin", "python")
    if os.path.exists(python):
        return python
    for base in ("/usr/bin/python3", sys.executable):
        try:
            run([base, "-m", "venv", path])
            return python
        except PeerError as error:
            shutil.rmtree(path, ignore_errors=True)
            reason = error
    raise PeerError(f"no virtual environment: {reason}")


def package_version(python, package):
    try:
        return run([python, "-c", f"import importlib.metadata as m; print(m.version({package!r}))"]).strip()
    except PeerError:
        return None


def install(python, package):
    """The version that is there or that the index gives; a PeerError where there is neither."""
    version = package_version(python, package)
    if not version:
        run([python, "-m", "pip", "install", *PIP, package])
        version = package_version(python, package)
    return version


def gather(directory, say):
    """(versions by name, reasons of absence by name, the environment's Python or None)."""
    versions, absent, python = {}, {}, None
    try:
        python = make_environment(os.path.join(directory, "venv"))
    except PeerError as error:
        absent = {package: str(error) for package in PACKAGES}
    for package in PACKAGES if python else ():
        say(f"{package} ...")
        try:
            versions[package] = install(python, package)
        except PeerError as error:
            absent[package] = str(error)
    try:
        versions["fio"] = run(["fio", "--version"]).strip().removeprefix("fio-")
    except PeerError:
        absent["fio"] = "not installed here; tools/deps compare installs Debian's"
    return versions, absent, python


class Process:
    """One that answers "CASE SIZE CHUNK COMPRESS THREADS" with "SECONDS BYTES"."""

    def __init__(self, command, threads):
        # dgen-py and s3dlio divide the CPUs by the number of processes that use them; this setting overrules that.
        environment = dict(os.environ, DGEN_THREADS=str(threads), RAYON_NUM_THREADS=str(threads))
        self.threads = threads
        try:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0, env=environment
            )
        except OSError as error:
            raise PeerError(str(error)) from error
        self.greeting = self.read_line()

    def read_line(self):
        if not select.select([self.process.stdout], [], [], ANSWER_SECONDS)[0]:
            self.close()
            raise PeerError(f"no answer within {ANSWER_SECONDS} seconds")
        line = self.process.stdout.readline().decode(errors="replace").strip()
        if not line:
            raise PeerError(f"ended, exit status {self.process.wait()}")
        if line.startswith("error: "):
            raise PeerError(line.removeprefix("error: "))
        return line

    def rate(self, case, size, chunk=0, compress=1, threads=None):
        """Bytes a second."""
        try:
            self.process.stdin.write(f"{case} {size} {chunk} {compress} {threads or self.threads}\n".encode())
        except OSError as error:
            raise PeerError(f"ended: {error}") from error
        seconds, count = self.read_line().split()
        return int(count) / float(seconds)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def contender_command(name, python, binaries):
    if name in ("fodder", "memset-small"):
        return [os.path.join(binaries, "contender")]
    script = os.path.join(TOOLS, "contender.py")
    return [sys.executable if name == "urandom" or not python else python, "-B", script, name]


def fio_compress(compress):
    return [f"--buffer_compress_percentage={round(100 * (1 - 1 / compress))}"] if compress > 1 else []


def fio_rate(block, compress, threads):
    """Of the null engine: the data are made, and written nowhere."""
    ask = ["--ioengine=null", "--size=1T", "--time_based", "--runtime=400ms", f"--bs={block}", f"--numjobs={threads}"]
    out = run(["fio", *FIO, *ask, *fio_compress(compress)], seconds=60)
    try:
        return json.loads(out)["jobs"][0]["write"]["bw_bytes"]
    except (ValueError, KeyError, IndexError) as error:
        raise PeerError(f"fio's report: {error!r}") from error


def write_by_fio(path, size, dedup, compress):
    ask = ["--ioengine=psync", f"--filename={path}", f"--size={size}", "--bs=64k", *fio_compress(compress)]
    if dedup > 1:
        ask.append(f"--dedupe_percentage={round(100 * (1 - 1 / dedup))}")
    run(["fio", *FIO, *ask], seconds=60)
