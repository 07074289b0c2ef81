"""What benches against Python libraries share: the cache with their virtual environments, and how their runs begin."""
import os
import pathlib
import subprocess
import sys


def cache():
    if "KTRAIN_CACHE" in os.environ:
        return pathlib.Path(os.environ["KTRAIN_CACHE"])
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "ktrain"


def python(name, pins, install):
    """The interpreter of a virtual environment with these packages; made when `install`, else its absence ends the run."""
    folder = cache() / name
    program = folder / "bin/python"
    if not program.exists():
        if not install:
            sys.exit(f"SKIP: no {folder}; make it with --install")
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([program, "-m", "pip", "install", "-q", *pins], check=True)
    return program


def environment():
    """Threads that wait without spinning, as ours do: else a peer is several times slower on a machine with other work."""
    return {"OMP_WAIT_POLICY": "passive"} | dict(os.environ)


def stat_of(process):
    return pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()


def cpu_seconds(process):
    fields = stat_of(process)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def page_faults(process):
    """Minor and major ones so far."""
    fields = stat_of(process)
    return int(fields[7]) + int(fields[9])
