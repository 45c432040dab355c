namespace PruneBuild.Runtime;

/// <summary>
/// The operator <c>prunebuild.GroupQueryAttention</c>: that of <c>com.microsoft</c> for floats, causal, with its names and meanings of
/// inputs and attributes. Inputs: query [batch, sequence, heads · size], or queries, keys and values in one where the next two are left
/// out; key and value [batch, sequence, kv heads · size]; past_key and past_value [batch, kv heads, rows, size] (optional); seqlens_k
/// int32[batch], all positions of a sequence minus one; total_sequence_length int32; cos_cache and sin_cache [positions, rotary size / 2].
/// Outputs: [batch, sequence, heads · size], present_key and present_value, in the memory of the past where the caller binds it so.
/// Attributes: num_heads, kv_num_heads, do_rotary, local_window_size, scale, softcap. A size is a multiple of four.
/// </summary>
internal sealed unsafe class GroupQueryAttention : RuntimeOperator
{
    private readonly int heads;
    private readonly int keyValueHeads;
    private readonly int window;
    private readonly float scale;
    private readonly float softcap;
    private readonly bool rotates;
    private readonly KernelTier tier = KernelRegistry.SelectTier();

    private GroupQueryAttention(void* info)
    {
        heads = Positive(info, "num_heads");
        keyValueHeads = Positive(info, "kv_num_heads");
        if (heads % keyValueHeads != 0)
            throw new InvalidDataException($"{heads} heads do not divide into {keyValueHeads} groups.");
        var given = OrtApi.IntegerAttribute(info, "local_window_size", -1);
        window = given is > 0 and <= int.MaxValue ? (int)given : 0;
        scale = OrtApi.FloatAttribute(info, "scale", 0);
        softcap = OrtApi.FloatAttribute(info, "softcap", 0);
        rotates = OrtApi.IntegerAttribute(info, "do_rotary", 0) != 0;
    }

    public override string OpType => "GroupQueryAttention";

    public static OrtCustomOp* Describe() => OperatorDescription.Create("GroupQueryAttention"u8, &Create,
    [
        new(OperatorInput.Float), new(OperatorInput.Float, IsOptional: true), new(OperatorInput.Float, IsOptional: true),
        new(OperatorInput.Float, IsOptional: true), new(OperatorInput.Float, IsOptional: true),
        new(OperatorInput.Int32), new(OperatorInput.Int32), new(OperatorInput.Float, IsOptional: true), new(OperatorInput.Float, IsOptional: true),
    ], outputs: 3);

    public override void Compute(void* context)
    {
        var job = new AttentionJob { Heads = heads, KeyValueHeads = keyValueHeads, Softcap = softcap, Window = window };
        Queries(context, &job);
        job.Scale = scale == 0 ? 1 / MathF.Sqrt(job.HeadSize) : scale;
        var total = Lengths(context, &job);
        Past(context, &job);
        if (!job.IsFirst && job.PastRows < total - job.Sequence)
            throw new ArgumentException($"The cache has {job.PastRows} rows, fewer than the {total - job.Sequence} that came before.");
        if (rotates)
            Tables(context, &job, total);
        job.Capacity = Math.Max(job.PastRows, total);
        if ((long)job.Capacity * job.HeadSize > int.MaxValue)
            throw new ArgumentException($"A cache of {job.Capacity} positions with heads of {job.HeadSize} features is too large.");
        var output = stackalloc long[] { job.Batch, job.Sequence, (long)heads * job.HeadSize };
        job.Output = (float*)OrtApi.Data(OrtApi.Output(context, 0, output, 3));
        var present = stackalloc long[] { job.Batch, keyValueHeads, job.Capacity, job.HeadSize };
        job.PresentKey = (float*)OrtApi.Data(OrtApi.Output(context, 1, present, 4));
        job.PresentValue = (float*)OrtApi.Data(OrtApi.Output(context, 2, present, 4));
        if (job.Batch == 0)
            return;
        if (IsOther(job.PastKey, job.PresentKey, &job) || IsOther(job.PastValue, job.PresentValue, &job))
            throw new ArgumentException($"The cache is bound as past and present, and has {job.PastRows} rows where {job.Capacity} are needed.");
        // Without a new position the past is still to be copied.
        GroupedAttention.Run(&job, tier, new SessionLoop(context));
    }

    private static GroupQueryAttention Create(void* info) => new(info);

    /// <summary>Whether past and present are the same memory, and their rows are at other places of it.</summary>
    private static bool IsOther(float* past, float* present, AttentionJob* job) => past != null && past == present && job->PastRows != job->Capacity;

    private void Queries(void* context, AttentionJob* job)
    {
        var shape = stackalloc long[3];
        var query = OrtApi.Input(context, 0);
        if (OrtApi.Shape(query, shape, 3) != 3)
            throw new ArgumentException("The query must have three dimensions.");
        void* key = OrtApi.Input(context, 1), value = OrtApi.Input(context, 2);
        var (batch, sequence, width) = (shape[0], shape[1], shape[2]);
        var together = heads + (key == null ? 2L * keyValueHeads : 0);
        if (batch > int.MaxValue || sequence > int.MaxValue || width % together != 0 || !KernelRegistry.CanAttend(width / together))
            throw new ArgumentException($"The query's {width} features are not {together} heads of a multiple of four, at most {GroupedAttention.MostHeadSize}.");
        (job->Batch, job->Sequence, job->HeadSize) = ((int)batch, (int)sequence, (int)(width / together));
        if (batch * Math.Max(sequence, 1) * heads > int.MaxValue - GroupedAttention.RowsPerTile)
            throw new ArgumentException($"{batch} sequences of {sequence} positions and {heads} heads are too many for one run.");
        job->Query = (float*)OrtApi.Data(query);
        job->QueryStride = (nint)width;
        if (key == null)
        {
            job->KeyStride = (nint)width;
            job->Key = job->Query + ((nint)heads * job->HeadSize);
            job->Value = job->Key + ((nint)keyValueHeads * job->HeadSize);
            return;
        }
        job->KeyStride = (nint)keyValueHeads * job->HeadSize;
        ReadOnlySpan<long> expected = [batch, sequence, job->KeyStride];
        job->Key = Expect(key, expected, "key");
        job->Value = Expect(value, expected, "value");
    }

    private static int Lengths(void* context, AttentionJob* job)
    {
        var lengths = OrtApi.Input(context, 5);
        var shape = stackalloc long[2];
        var rank = OrtApi.Shape(lengths, shape, 2);
        if (rank is not (1 or 2) || (rank == 1 ? shape[0] : shape[0] * shape[1]) != job->Batch)
            throw new ArgumentException($"seqlens_k must have {job->Batch} elements.");
        job->Lengths = (int*)OrtApi.Data(lengths);
        var length = OrtApi.Input(context, 6);
        if (OrtApi.Shape(length, shape, 2) is var dimensions && (dimensions > 1 || (dimensions == 1 && shape[0] != 1)))
            throw new ArgumentException("total_sequence_length must be one number.");
        var total = *(int*)OrtApi.Data(length);
        if (total < job->Sequence)
            throw new ArgumentException($"total_sequence_length is {total}, less than the {job->Sequence} positions given.");
        job->IsFirst = total == job->Sequence;
        for (var batch = 0; batch < job->Batch; batch++)
        {
            if (job->Lengths[batch] >= total || job->Lengths[batch] < (job->IsFirst ? 0 : job->Sequence - 1))
                throw new ArgumentException($"seqlens_k is {job->Lengths[batch]} where total_sequence_length is {total} and {job->Sequence} positions are given.");
        }
        return total;
    }

    private void Past(void* context, AttentionJob* job)
    {
        void* key = OrtApi.Input(context, 3), value = OrtApi.Input(context, 4);
        if (key == null && value == null)
            return;
        var shape = stackalloc long[4];
        if (key == null || OrtApi.Shape(key, shape, 4) != 4 || shape[2] > int.MaxValue)
            throw new ArgumentException("past_key must have four dimensions.");
        job->PastRows = (int)shape[2];
        ReadOnlySpan<long> expected = [job->Batch, keyValueHeads, shape[2], job->HeadSize];
        job->PastKey = Expect(key, expected, "past_key");
        job->PastValue = Expect(value, expected, "past_value");
    }

    private static void Tables(void* context, AttentionJob* job, int total)
    {
        var cosines = OrtApi.OptionalInput(context, 7);
        var shape = stackalloc long[2];
        if (cosines == null || OrtApi.Shape(cosines, shape, 2) != 2 || shape[1] > job->HeadSize / 2)
            throw new ArgumentException($"cos_cache must be [positions, at most {job->HeadSize / 2}].");
        if (shape[0] < total)
            throw new ArgumentException($"cos_cache has {shape[0]} positions, and there are {total}.");
        job->RotaryPairs = (int)shape[1];
        job->Cosines = (float*)OrtApi.Data(cosines);
        job->Sines = Expect(OrtApi.OptionalInput(context, 8), new(shape, 2), "sin_cache");
    }

    private static float* Expect(void* value, ReadOnlySpan<long> expected, string name)
    {
        var shape = stackalloc long[4];
        if (value == null || OrtApi.Shape(value, shape, 4) is var rank && (rank != expected.Length || !expected.SequenceEqual(new(shape, rank))))
            throw new ArgumentException($"{name} must have the shape [{string.Join(", ", expected.ToArray())}].");
        return (float*)OrtApi.Data(value);
    }

    private static int Positive(void* info, string name) =>
        OrtApi.IntegerAttribute(info, name) is var value && value is > 0 and <= 1 << 16 ? (int)value : throw new InvalidDataException($"{name} is {value}.");
}
