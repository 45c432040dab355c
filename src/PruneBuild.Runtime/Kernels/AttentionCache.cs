using System.Runtime.Intrinsics;

namespace PruneBuild.Runtime;

/// <summary>Brings new keys, rotated, and values into the cache of one sequence and key-value head.</summary>
internal static unsafe class AttentionCache
{
    public static void Append(AttentionJob* job, int batch, int head)
    {
        nint size = job->HeadSize;
        var cached = job->Cached(batch);
        nint unit = ((nint)batch * job->KeyValueHeads) + head;
        var keys = job->PresentKey + (unit * job->Capacity * size);
        var values = job->PresentValue + (unit * job->Capacity * size);
        if (job->PastKey != job->PresentKey)
            Copy(job->PastKey, keys, job, unit, cached);
        if (job->PastValue != job->PresentValue)
            Copy(job->PastValue, values, job, unit, cached);
        for (nint position = 0; position < job->Sequence; position++)
        {
            var from = ((((nint)batch * job->Sequence) + position) * job->KeyStride) + (head * size);
            var to = (cached + position) * size;
            Rotate(job, job->Key + from, keys + to, (int)(cached + position));
            new ReadOnlySpan<float>(job->Value + from, (int)size).CopyTo(new(values + to, (int)size));
        }
    }

    /// <summary>
    /// Feature i of the first half and of the second are a plane, turned by the angle of the position and i; features beyond the
    /// rotation are copied.
    /// </summary>
    /// <param name="job">Holds the tables.</param>
    /// <param name="source">[head size].</param>
    /// <param name="target">[head size], elsewhere.</param>
    /// <param name="position">Row of the tables.</param>
    public static void Rotate(AttentionJob* job, float* source, float* target, int position)
    {
        var pairs = job->Cosines == null ? 0 : job->RotaryPairs;
        var cosines = job->Cosines + ((nint)position * pairs);
        var sines = job->Sines + ((nint)position * pairs);
        var i = 0;
        for (; i + 4 <= pairs; i += 4)
        {
            var (x, y) = (Vector128.Load(source + i), Vector128.Load(source + pairs + i));
            var (cosine, sine) = (Vector128.Load(cosines + i), Vector128.Load(sines + i));
            Vector128.Store((x * cosine) - (y * sine), target + i);
            Vector128.Store((x * sine) + (y * cosine), target + pairs + i);
        }
        for (; i < pairs; i++)
        {
            var (x, y) = (source[i], source[pairs + i]);
            target[i] = (x * cosines[i]) - (y * sines[i]);
            target[pairs + i] = (x * sines[i]) + (y * cosines[i]);
        }
        var rest = job->HeadSize - (2 * pairs);
        new ReadOnlySpan<float>(source + (2 * pairs), rest).CopyTo(new(target + (2 * pairs), rest));
    }

    /// <summary>Rows no position has yet are zeros: nothing undefined leaves the node.</summary>
    private static void Copy(float* past, float* present, AttentionJob* job, nint unit, int cached)
    {
        var size = job->HeadSize;
        if (cached > 0)
            new ReadOnlySpan<float>(past + (unit * job->PastRows * size), cached * size).CopyTo(new(present, cached * size));
        var used = cached + job->Sequence;
        new Span<float>(present + ((nint)used * size), (job->Capacity - used) * size).Clear();
    }
}
