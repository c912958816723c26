# Runs a command and checks its exit status: exit-code.py STATUS COMMAND...
import subprocess
import sys

status = subprocess.run(sys.argv[2:]).returncode
sys.exit(f"expected exit status {sys.argv[1]}, got {status}" if status != int(sys.argv[1]) else 0)
