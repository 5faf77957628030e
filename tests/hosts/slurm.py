"""A Slurm of its own: munged, slurmctld and slurmd on this machine, as root, in a temporary directory, on free ports of loopback."""

import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PROGRAMS = ["munged", "slurmctld", "slurmd", "srun", "sbatch", "scontrol"]
TASKS = 8  # the node says it has so many CPUs, whatever this machine has

CONFIG = """
ClusterName=fodder
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={place}/munge/socket
CredType=cred/munge
StateSaveLocation={place}/state
SlurmdSpoolDir={place}/spool
SlurmctldPidFile={place}/slurmctld.pid
SlurmdPidFile={place}/slurmd.pid
SlurmctldLogFile={place}/slurmctld.log
SlurmdLogFile={place}/slurmd.log
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/linear
SchedulerType=sched/builtin
SlurmdParameters=config_overrides
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs={tasks} State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE OverSubscribe=FORCE State=UP
"""


def why_not():
    """Why there can be no Slurm here; nothing where there can."""
    missing = [program for program in PROGRAMS if not find(program)]
    if missing:
        return f"{', '.join(missing)}: not here; tools/deps check installs them"
    return "" if os.geteuid() == 0 else "slurmd wants root"


def find(program):
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Slurm:
    """Started by `with Slurm() as slurm:`; slurm.srun(...) and slurm.sbatch(...) run what they are given."""

    def __enter__(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="fodder-slurm-"))
        self.daemons = []
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        end = time.monotonic() + 20
        if len(self.daemons) == 3:
            subprocess.run(["scancel", "--user=root"], env=self.environment, capture_output=True, timeout=60)
        while len(self.daemons) == 3 and time.monotonic() < end and "State=IDLE\n" not in self.ask_node().replace(" ", "\n"):
            time.sleep(0.1)  # a step that is ending waits for slurmd for ever where that is gone
        for daemon in reversed(self.daemons):
            daemon.terminate()
        for daemon in reversed(self.daemons):
            try:
                daemon.wait(20)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        for step in self.steps():
            os.kill(step, signal.SIGKILL)
        shutil.rmtree(self.place, ignore_errors=True)

    def steps(self):
        """The slurmstepd processes that are left of this Slurm: they have its log open."""
        for name in pathlib.Path("/proc").glob("[0-9]*/comm"):
            try:
                files = [os.readlink(file) for file in (name.parent / "fd").iterdir()] if name.read_text() == "slurmstepd\n" else []
            except OSError:
                continue
            if any(file.startswith(f"{self.place}/") for file in files):
                yield int(name.parent.name)

    def start(self):
        host = self.host = socket.gethostname().split(".")[0]
        self.place.chmod(0o755)
        for name in ("state", "spool"):
            (self.place / name).mkdir()
        (self.place / "slurm.conf").write_text(CONFIG.format(host=host, ports=free_ports(2), place=self.place, tasks=TASKS))
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(("SLURM", "SBATCH"))}
        self.environment["SLURM_CONF"] = str(self.place / "slurm.conf")
        self.start_munge()
        self.run_daemon("slurmctld", "-D", "-i", "-c")
        self.run_daemon("slurmd", "-D", "-N", host)
        self.wait_for("the node", lambda: "State=IDLE" in self.ask_node())

    def start_munge(self):
        munge = self.place / "munge"
        munge.mkdir()
        (munge / "key").write_bytes(os.urandom(128))
        (munge / "key").chmod(0o600)
        user = pwd.getpwnam("munge")
        for path in (munge, munge / "key"):
            shutil.chown(path, user.pw_uid, user.pw_gid)
        self.run_daemon("munged", "--foreground", "--num-threads=2", f"--socket={munge}/socket", f"--key-file={munge}/key",
                        f"--log-file={munge}/log", f"--pid-file={munge}/pid", f"--seed-file={munge}/seed", user=user.pw_uid, group=user.pw_gid)
        self.wait_for("munged", (munge / "socket").exists)

    def run_daemon(self, program, *arguments, **options):
        with open(self.place / f"{program}.said", "wb") as said:
            self.daemons.append(subprocess.Popen([find(program), *arguments], stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                                                 env=self.environment, **options))

    def ask_node(self):
        words = ["scontrol", "show", "node", self.host]
        return subprocess.run(words, env=self.environment, capture_output=True, text=True, timeout=60).stdout

    def wait_for(self, what, ready):
        end = time.monotonic() + 60
        while not ready():
            if time.monotonic() > end or any(daemon.poll() is not None for daemon in self.daemons):
                raise RuntimeError(f"{what} did not come up:\n{self.logs()}")
            time.sleep(0.1)

    def logs(self):
        return "\n".join(f"{path.name}:\n{path.read_text(errors='replace')[-3000:]}" for path in sorted(self.place.glob("*.[ls]*")) if path.is_file())

    def srun(self, *words, **options):
        return subprocess.run(["srun", *map(str, words)], env=self.environment, capture_output=True, stdin=subprocess.DEVNULL, timeout=120, **options)

    def sbatch(self, script, *words):
        """Runs a script as a job and waits for it: its exit status, and what it wrote to both streams."""
        file, output = self.place / "job.sh", self.place / "job.out"
        file.write_text("#!/bin/bash\n" + script)
        result = subprocess.run(["sbatch", "--wait", "--parsable", f"--output={output}", "--chdir=/", *map(str, words), file],
                                env=self.environment, capture_output=True, text=True, timeout=180)
        return result.returncode, output.read_text() if output.exists() else result.stderr
