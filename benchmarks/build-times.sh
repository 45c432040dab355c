#!/usr/bin/env bash
# Build figures of the sample: cold build with packages restored, what our targets cost when nothing changed, and how long the
# worker needs until its native libraries work. Run it on a quiet machine:  bash benchmarks/build-times.sh
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
sample=samples/MeterReader
rid=linux-arm64
seconds() { awk -v from="$1" -v to="$2" 'BEGIN { printf "%.1f", to - from }'; }
median() { sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

echo "CPU: $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -1), $(nproc) cores; .NET SDK $(dotnet --version)"

rm -rf $sample/bin $sample/obj samples/MeterReader.Rendering/bin samples/MeterReader.Rendering/obj
dotnet restore $sample -r $rid >/dev/null
from=$(date +%s.%N)
dotnet build $sample -r $rid --no-restore >/dev/null
to=$(date +%s.%N)
echo "cold build with packages restored: $(seconds "$from" "$to") s"

targets='^ +[0-9]+ ms +(ResolveModelReferences|_PruneBuild[A-Za-z]*|PruneModels|QuantizeModels|SelectSparseKernels|EvaluateModels|PackageEdgeArtifacts) +[0-9]+ calls'
for _ in 1 2 3 4 5; do
  # The first of the two sections of the summary lists targets, the second tasks.
  dotnet build $sample -r $rid --no-restore -v:n -clp:PerformanceSummary | tee /tmp/prunebuild-noop.log |
    sed '/Task Performance Summary/,$d' | grep -E "$targets" | awk '{ sum += $1 } END { print sum }'
  if grep -q RunPruneBuildWorker /tmp/prunebuild-noop.log; then echo "the worker was started" >&2; exit 1; fi
done | median | sed 's/.*/second build: & ms in our targets (median of 5), the worker is not started/'
rm -f /tmp/prunebuild-noop.log

packages=$(dotnet nuget locals global-packages -l | sed 's/^global-packages: *//')
worker="${packages%/}/prunebuild/$(cat samples/feed/version.txt)/worker/net10.0/prunebuild.dll"
for _ in 1 2 3 4 5 6 7; do
  dotnet exec "$worker" doctor --natives $sample/obj/prunebuild/natives.json |
    sed -n 's/^ready \([0-9]*\) ms.*/\1/p'
done | median | sed 's/.*/worker start with ONNX Runtime and libtorch in use: & ms (median of 7)/'
