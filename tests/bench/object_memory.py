#!/usr/bin/python3
"""The most memory that a C program takes which runs a network's object once: one line of JSON for each network.

    object_memory.py KILN NETWORK... [--threads N]

Inputs are zeros. The program's own peak (VmHWM) is taken when it is done: weights, arena, inputs and outputs, code.
"""
import argparse, json, os, re, tempfile

from measuring import run

PROGRAM = """
#include <stdio.h>
#include "net.h"

int main(void) {{
    const size_t in[] = {{{inputs}}}, out[] = {{{outputs}}};
    const void *inputs[sizeof in / sizeof *in];
    void *outputs[sizeof out / sizeof *out];
    char line[256];
    FILE *status;
    for (size_t i = 0; i < sizeof in / sizeof *in; ++i) inputs[i] = calloc(in[i], 8); /* no element is larger */
    for (size_t i = 0; i < sizeof out / sizeof *out; ++i) outputs[i] = calloc(out[i], 8);
    net_set_threads({threads});
    if (net_execute(NULL, inputs, outputs, net_arena_create(), 0, NET_STEPS) != NET_OK) return 1;
    status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, "VmHWM:", 6) == 0) printf("%ld\\n", strtol(line + 6, NULL, 10));
    return 0;
}}
"""


def peak_bytes(kiln, network, threads):
    with tempfile.TemporaryDirectory() as folder:
        path = lambda name: os.path.join(folder, name)
        run(kiln, "compile", network, "-o", path("net.o"), "--function-name", "net", "--threads", threads, "--quiet")
        with open(path("net.h"), encoding="utf-8") as file:
            header = file.read()
        elements = lambda kind: ", ".join(re.findall(rf"#define (NET_{kind}_\w+_ELEMENTS) ", header))
        with open(path("main.c"), "w", encoding="utf-8") as file:
            file.write(PROGRAM.format(inputs=elements("INPUT"), outputs=elements("OUTPUT"), threads=threads))
        run("cc", "-O1", "-o", path("main"), path("main.c"), path("net.o"), "-lm", "-lpthread")
        return 1024 * int(run(path("main")))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("kiln")
    p.add_argument("network", nargs="+")
    p.add_argument("--threads", type=int, default=1)
    o = p.parse_args()
    for network in o.network:
        print(json.dumps({"network": network, "peak_bytes": peak_bytes(o.kiln, network, o.threads)}), flush=True)


if __name__ == "__main__":
    main()
