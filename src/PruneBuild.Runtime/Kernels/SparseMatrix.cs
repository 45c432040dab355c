using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PruneBuild.Runtime;

/// <summary>A packed weight matrix in place, with the kernels of one tier. Safe for concurrent use.</summary>
internal sealed unsafe class SparseMatrix
{
    /// <summary>Below this many blocks times rows (tens of microseconds) a fork costs more than it saves.</summary>
    private const long BlocksPerPart = 32768;

    /// <summary>Activations of one panel of rows should stay in the L2 cache while all groups pass over them.</summary>
    private const long PanelBytes = 256 * 1024;

    private const int RaggedRows = 32;

    private readonly byte* blob;
    private readonly PackedLayout layout;
    private readonly GroupPartition partition;
    private readonly SparseKernel oneRow;
    private readonly SparseKernel fourRows;

    private SparseMatrix(byte* blob, PackedWeights packed, SparseKernel oneRow, SparseKernel fourRows)
    {
        this.blob = blob;
        this.oneRow = oneRow;
        this.fourRows = fourRows;
        Packed = packed;
        layout = packed.Layout;
        partition = new(packed.GroupStarts(new(blob, packed.Bytes)));
    }

    public PackedWeights Packed { get; }

    /// <summary>Validates the blob once and binds kernels. The bytes must stay in place, unchanged, while the matrix is used.</summary>
    /// <exception cref="InvalidDataException">The blob is not valid.</exception>
    public static SparseMatrix Open(byte* blob, int bytes, KernelTier tier)
    {
        var packed = PackedWeights.Validate(new(blob, bytes));
        return new(blob, packed, KernelRegistry.Find(packed.Format.Name, tier, RowBucket.One), KernelRegistry.Find(packed.Format.Name, tier, RowBucket.Four));
    }

    /// <summary>As <see cref="Open"/>, with one kernel in both roles, so that a test sees what that kernel alone computes.</summary>
    public static SparseMatrix OpenWith(byte* blob, int bytes, SparseKernel kernel, KernelTier tier)
    {
        var matrix = Open(blob, bytes, tier);
        return kernel.Rows == RowBucket.One ? new(blob, matrix.Packed, kernel, kernel) : new(blob, matrix.Packed, matrix.oneRow, kernel);
    }

    /// <summary>y = act(x · Wᵀ + bias). A row of x with a NaN or an infinity gives NaN throughout.</summary>
    /// <param name="x">[rows, inputs].</param>
    /// <param name="rows">Rows of x and y.</param>
    /// <param name="bias">[outputs], or null.</param>
    /// <param name="activation">Applied last.</param>
    /// <param name="y">[rows, outputs], written; must not overlap x.</param>
    /// <param name="loop">Where parts run when there is enough work.</param>
    public void Multiply<TLoop>(float* x, int rows, float* bias, SparseActivation activation, float* y, TLoop loop) where TLoop : struct, IParallelLoop
    {
        nint quantizedStride = Packed.Format.IsQuantized ? layout.UnitsPerRow * Packed.Format.InputsPerBlock : 0;
        var scaleBytes = (nint)rows * sizeof(float);
        var scratch = ArrayPool<byte>.Shared.Rent(checked((int)(scaleBytes + rows * quantizedStride)));
        try
        {
            fixed (byte* start = scratch)
            {
                var work = new Work { OneRow = oneRow.Run, FourRows = fourRows.Run, Bounds = partition.Bounds, Groups = layout.Groups, Rows = rows, Outputs = Packed.Outputs };
                work.Job = new()
                {
                    GroupStarts = (uint*)(blob + layout.GroupStarts),
                    Indices = (ushort*)(blob + layout.Indices),
                    Blocks = blob + layout.Blocks,
                    OutputScales = (float*)(blob + layout.OutputScales),
                    ZeroPointSums = (int*)(blob + layout.ZeroPointSums),
                    X = x,
                    XStride = Packed.Inputs,
                    Quantized = start + scaleBytes,
                    QuantizedStride = quantizedStride,
                    RowScales = (float*)start,
                    Bias = bias,
                    Relu = activation == SparseActivation.Relu,
                    Y = y,
                    YStride = Packed.Outputs,
                };
                // A row scale of NaN marks a row with a NaN or an infinity; the kernels run on zeros there.
                Prepare(&work.Job, rows, (int)quantizedStride);
                work.PanelRows = (int)Math.Clamp(PanelBytes / Math.Max(quantizedStride, Packed.Format.IsQuantized ? 1 : Packed.Inputs * sizeof(float)) / 4 * 4, 4, 4096);
                work.Parts = (int)Math.Clamp((long)rows * (Packed.Blocks + layout.Groups) / BlocksPerPart, 1, GroupPartition.MaxParts);
                if (work.Parts == 1)
                    RunGroups(&work, 0, work.Groups);
                else
                    loop.Run(work.Parts, &RunPart, &work);
                if (work.Failed != 0)
                    throw new InvalidOperationException("A sparse kernel failed on a worker thread.");
                Poison(&work.Job, rows, Packed.Outputs);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    private void Prepare(SparseJob* job, int rows, int quantizedStride)
    {
        for (var row = 0; row < rows; row++)
        {
            var source = job->X + row * job->XStride;
            var scale = 1f;
            var isFinite = Packed.Format.IsQuantized
                ? ActivationQuantizer.Quantize(source, Packed.Inputs, job->Quantized + row * job->QuantizedStride, quantizedStride, out scale)
                : ActivationQuantizer.IsFinite(new(source, Packed.Inputs));
            job->RowScales[row] = isFinite ? scale : float.NaN;
        }
    }

    private static void Poison(SparseJob* job, int rows, int outputs)
    {
        for (var row = 0; row < rows; row++)
        {
            if (float.IsNaN(job->RowScales[row]))
                new Span<float>(job->Y + row * job->YStride, outputs).Fill(float.NaN);
        }
    }

    private struct Work
    {
        public SparseJob Job;
        public delegate*<SparseJob*, int, int, int, int, void> OneRow;
        public delegate*<SparseJob*, int, int, int, int, void> FourRows;
        public int* Bounds;
        public int Groups;
        public int Rows;
        public int Outputs;
        public int PanelRows;
        public int Parts;
        public int Failed;
    }

    /// <summary>One part, on a thread of the host: no exception may leave.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void RunPart(void* state, nuint part)
    {
        var work = (Work*)state;
        try
        {
            RunGroups(work, work->Bounds[(int)part * GroupPartition.MaxParts / work->Parts], work->Bounds[((int)part + 1) * GroupPartition.MaxParts / work->Parts]);
        }
        catch (Exception)
        {
            work->Failed = 1;
        }
    }

    private static void RunGroups(Work* work, int group, int groupEnd)
    {
        var isRagged = groupEnd == work->Groups && group < groupEnd && work->Outputs % PackedFormat.OutputsPerBlock != 0;
        var whole = isRagged ? groupEnd - 1 : groupEnd;
        for (var row = 0; row < work->Rows; row += work->PanelRows)
        {
            var rowEnd = Math.Min(work->Rows, row + work->PanelRows);
            RunRows(work, &work->Job, row, rowEnd, group, whole);
        }

        if (isRagged)
            RunRaggedGroup(work, whole);
    }

    private static void RunRows(Work* work, SparseJob* job, int row, int rowEnd, int group, int groupEnd)
    {
        var tiled = row + (rowEnd - row) / 4 * 4;
        if (row < tiled)
            work->FourRows(job, row, tiled, group, groupEnd);
        if (tiled < rowEnd)
            work->OneRow(job, tiled, rowEnd, group, groupEnd);
    }

    /// <summary>The last group when outputs are not a multiple of 8: computed beside y, then its real outputs copied.</summary>
    private static void RunRaggedGroup(Work* work, int group)
    {
        const int lanes = PackedFormat.OutputsPerBlock;
        var count = work->Outputs % lanes;
        var results = stackalloc float[RaggedRows * lanes];
        var bias = stackalloc float[lanes];
        var job = work->Job;
        if (job.Bias != null)
        {
            new Span<float>(job.Bias + group * lanes, count).CopyTo(new(bias, lanes));
            job.Bias = bias - group * lanes;
        }

        job.YStride = lanes;
        for (var row = 0; row < work->Rows; row += RaggedRows)
        {
            var rowEnd = Math.Min(work->Rows, row + RaggedRows);
            job.Y = results - row * lanes - group * lanes;
            RunRows(work, &job, row, rowEnd, group, group + 1);
            for (var i = row; i < rowEnd; i++)
                new Span<float>(results + (i - row) * lanes, count).CopyTo(new(work->Job.Y + i * work->Job.YStride + group * lanes, count));
        }
    }
}
