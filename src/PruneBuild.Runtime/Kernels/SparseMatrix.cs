using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PruneBuild.Runtime;

/// <summary>A packed weight matrix in place, with the kernels of one tier. Safe for concurrent use.</summary>
internal sealed unsafe class SparseMatrix
{
    /// <summary>Below this many stored units times rows (tens of microseconds) a fork costs more than it saves.</summary>
    public const long UnitsPerPart = 32768;

    /// <summary>Activations of one stretch of rows should stay in the L2 cache while all groups pass over them.</summary>
    private const long StretchBytes = 256 * 1024;

    /// <summary>Rows of scratch that one pass prepares, so that a very long batch needs no more memory than this times its inputs.</summary>
    private const int RowsPerPass = 16384;

    private const int RaggedRows = 64;
    private const int MostLanes = 16;

    private readonly GroupPartition partition;
    private readonly SparseKernel[] kernels;

    /// <summary>Where the weights lie: worked out once, since a small layer takes less time than that.</summary>
    private readonly SparseJob bound;

    private SparseMatrix(byte* blob, PackedWeights packed, SparseKernel[] kernels)
    {
        this.kernels = kernels;
        Packed = packed;
        Groups = packed.Format.Groups(packed.Outputs);
        Work = Math.Max(packed.Counts.Items, (long)Groups * packed.Format.Units(packed.Inputs) / 4) + Groups;
        partition = new(packed.Format.GroupStarts(new(blob, packed.Bytes), packed), Groups);
        SparseJob job = new() { Outputs = packed.Outputs, Inputs = packed.Inputs };
        packed.Format.Bind(blob, packed, &job);
        bound = job;
    }

    /// <summary>For tests: told the address and the bytes of the weights of each matrix that this thread opens.</summary>
    [field: ThreadStatic]
    internal static Action<nint, int>? Opened { get; set; }

    public PackedWeights Packed { get; }

    /// <summary>Groups of outputs, the last one possibly ragged.</summary>
    public int Groups { get; }

    /// <summary>Stored units: what one row costs.</summary>
    public long Work { get; }

    /// <summary>Validates the blob once and binds kernels. The bytes must stay in place, unchanged, while the matrix is used.</summary>
    /// <exception cref="InvalidDataException">The blob is not valid, or of a format that does not run.</exception>
    public static SparseMatrix Open(byte* blob, int bytes, KernelTier tier)
    {
        var packed = PackedWeights.Validate(new(blob, bytes));
        if (!packed.Format.IsExecutable)
            throw new InvalidDataException($"'{packed.Format.Name}' is a transport format: unpack it and pack a format that runs.");
        Opened?.Invoke((nint)blob, bytes);
        return new(blob, packed, [.. Enum.GetValues<RowBucket>().Select(rows => KernelRegistry.Find(packed.Format.Name, tier, rows))]);
    }

    /// <summary>As <see cref="Open"/>, with one kernel for any number of rows, so that a test sees what that kernel alone computes.</summary>
    public static SparseMatrix OpenWith(byte* blob, int bytes, SparseKernel kernel)
    {
        var packed = PackedWeights.Validate(new(blob, bytes));
        return new(blob, packed, [kernel, kernel, kernel]);
    }

    /// <summary>The kernel for that many rows.</summary>
    public SparseKernel KernelFor(int rows) => kernels[(int)Bucket(rows)];

    /// <summary>The kernel for convolutions of that many positions a call, or null when the format has none.</summary>
    public SparseKernel? ConvolutionKernelFor(int rows) => kernels.Take((int)Bucket(rows) + 1).LastOrDefault(kernel => kernel.Convolve != null);

    /// <summary>First groups of up to <see cref="GroupPartition.MaxParts"/> parts of about equal work.</summary>
    public int* Bounds => partition.Bounds;

    /// <summary>A job that points at the weights.</summary>
    public SparseJob Bind() => bound;

    /// <summary>y = act(x · Wᵀ + bias + residual). A row of x with a NaN or an infinity gives NaN throughout.</summary>
    /// <param name="x">[rows, inputs].</param>
    /// <param name="rows">Rows of x and y.</param>
    /// <param name="epilogue">What follows the product.</param>
    /// <param name="y">[rows, outputs], written; must not overlap x.</param>
    /// <param name="loop">Where parts run when there is enough work.</param>
    public void Multiply<TLoop>(float* x, int rows, SparseEpilogue epilogue, float* y, TLoop loop) where TLoop : struct, IParallelLoop
    {
        for (var row = 0; row < rows; row += RowsPerPass)
        {
            var count = Math.Min(RowsPerPass, rows - row);
            // The bucket follows from all rows, so that a row's bits do not depend on where a pass ends.
            MultiplyPass(x + (nint)row * Packed.Inputs, count, KernelFor(rows), epilogue.At(row, Packed.Outputs), y + (nint)row * Packed.Outputs, loop);
        }
    }

    private void MultiplyPass<TLoop>(float* x, int rows, SparseKernel kernel, SparseEpilogue epilogue, float* y, TLoop loop) where TLoop : struct, IParallelLoop
    {
        var activations = new ActivationBuffer(Packed, kernel.Layout, rows);
        var scratch = ArrayPool<byte>.Shared.Rent(checked((int)activations.Bytes));
        try
        {
            fixed (byte* start = scratch)
            {
                var job = Bind();
                job.Bias = epilogue.Bias;
                job.Relu = epilogue.IsFusedRelu;
                job.Y = y;
                job.YStride = Packed.Outputs;
                activations.Prepare(x, start, &job);

                var work = new Division { Job = job, Run = kernel.Run, Epilogue = epilogue, Bounds = partition.Bounds, Groups = Groups, Rows = rows, PanelRows = kernel.Layout.PanelRows, Lanes = Packed.Format.OutputsPerGroup };
                work.StretchRows = (int)Math.Clamp(StretchBytes / Math.Max(activations.BytesPerRow, 1) / 64 * 64, 64, 4096);
                Divide(&work, rows);
                if (work.Parts == 1)
                    RunRange(&work, 0, rows, 0, Groups);
                else
                    loop.Run(work.Parts, &RunPart, &work);
                if (work.Failed != 0)
                    throw new InvalidOperationException("A sparse kernel failed on a worker thread.");
                Poison(&job, rows);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    /// <summary>Many rows of few groups are divided by rows, all else by groups of about equal work.</summary>
    private void Divide(Division* work, int rows)
    {
        work->Parts = (int)Math.Clamp(rows * Work / UnitsPerPart, 1, GroupPartition.MaxParts);
        var step = Math.Max(16, work->PanelRows);
        work->DividesRows = rows >= 2 * step && (Groups < 2 * GroupPartition.MaxParts || rows >= 16 * step);
        if (!work->DividesRows)
            return;
        work->Parts = Math.Min(work->Parts, (rows + step - 1) / step);
        work->RowsPerPart = ((rows + work->Parts - 1) / work->Parts + step - 1) / step * step;
        work->Parts = (rows + work->RowsPerPart - 1) / work->RowsPerPart;
    }

    private static RowBucket Bucket(int rows) => rows <= 1 ? RowBucket.One : rows < 16 ? RowBucket.Few : RowBucket.Many;

    private static void Poison(SparseJob* job, int rows)
    {
        for (var row = 0; row < rows; row++)
        {
            if (float.IsNaN(job->RowScales[row]))
                new Span<float>(job->Y + row * job->YStride, job->Outputs).Fill(float.NaN);
        }
    }

    private struct Division
    {
        public SparseJob Job;
        public SparseEpilogue Epilogue;
        public delegate*<SparseJob*, int, int, int, int, void> Run;
        public int* Bounds;
        public int Groups;
        public int Lanes;
        public int Rows;
        public int PanelRows;
        public int StretchRows;
        public int Parts;
        public bool DividesRows;
        public int RowsPerPart;
        public int Failed;
    }

    /// <summary>One part, on a thread of the host: no exception may leave.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void RunPart(void* state, nuint part)
    {
        var work = (Division*)state;
        try
        {
            if (work->DividesRows)
            {
                var row = (int)part * work->RowsPerPart;
                RunRange(work, row, Math.Min(work->Rows, row + work->RowsPerPart), 0, work->Groups);
            }
            else
            {
                var group = work->Bounds[(int)part * GroupPartition.MaxParts / work->Parts];
                RunRange(work, 0, work->Rows, group, work->Bounds[((int)part + 1) * GroupPartition.MaxParts / work->Parts]);
            }
        }
        catch (Exception)
        {
            work->Failed = 1;
        }
    }

    private static void RunRange(Division* work, int firstRow, int lastRow, int group, int groupEnd)
    {
        // Kernels that take panels write single outputs and need no help at the edge.
        var isRagged = groupEnd == work->Groups && group < groupEnd && work->Job.Outputs % work->Lanes != 0 && work->PanelRows == 0;
        var whole = isRagged ? groupEnd - 1 : groupEnd;
        var firstOutput = group * work->Lanes;
        var outputs = Math.Min(work->Job.Outputs, groupEnd * work->Lanes) - firstOutput;
        for (var row = firstRow; row < lastRow; row += work->StretchRows)
        {
            var rowEnd = Math.Min(lastRow, row + work->StretchRows);
            if (group < whole)
                work->Run(&work->Job, row, rowEnd, group, whole);
            if (isRagged)
                RunRaggedGroup(work, row, rowEnd, whole);
            work->Epilogue.Finish(work->Job.Y, work->Job.YStride, row, rowEnd, firstOutput, outputs);
        }
    }

    /// <summary>The last group when outputs do not fill it: computed beside y, then its real outputs copied.</summary>
    private static void RunRaggedGroup(Division* work, int firstRow, int lastRow, int group)
    {
        var lanes = work->Lanes;
        var count = work->Job.Outputs % lanes;
        var results = stackalloc float[RaggedRows * MostLanes];
        var bias = stackalloc float[MostLanes];
        var job = work->Job;
        if (job.Bias != null)
        {
            new Span<float>(job.Bias + group * lanes, count).CopyTo(new(bias, lanes));
            job.Bias = bias - group * lanes;
        }

        job.YStride = lanes;
        for (var row = firstRow; row < lastRow; row += RaggedRows)
        {
            var rowEnd = Math.Min(lastRow, row + RaggedRows);
            job.Y = results - row * lanes - group * lanes;
            work->Run(&job, row, rowEnd, group, group + 1);
            for (var i = row; i < rowEnd; i++)
                new Span<float>(results + (i - row) * lanes, count).CopyTo(new(work->Job.Y + i * work->Job.YStride + group * lanes, count));
        }
    }
}
