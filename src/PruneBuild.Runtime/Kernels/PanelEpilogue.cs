using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PruneBuild.Runtime;

/// <summary>Brings the sums of a panel, rows side by side, to rows of y: scale, bias, activation.</summary>
internal static unsafe class PanelEpilogue
{
    /// <param name="job">Scales, bias and y.</param>
    /// <param name="sums">[outputs, panelRows] from the first output on.</param>
    /// <param name="panelRows">A multiple of 4.</param>
    /// <param name="isScaled">Whether the outputs' scales apply.</param>
    /// <param name="row">The panel's first row.</param>
    /// <param name="rowEnd">Behind the last real row.</param>
    /// <param name="firstOutput">The output of the first sums.</param>
    /// <param name="outputEnd">Behind the last real output.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store(SparseJob* job, float* sums, int panelRows, bool isScaled, int row, int rowEnd, int firstOutput, int outputEnd)
    {
        var bias = job->Bias;
        var relu = job->Relu;
        for (; row < rowEnd; row += 4)
        {
            var y = job->Y + row * job->YStride;
            var rows = Math.Min(4, rowEnd - row);
            var column = sums;
            var output = firstOutput;
            for (; output + 4 <= outputEnd; output += 4)
            {
                var a = Vector128.Load(column);
                var b = Vector128.Load(column + panelRows);
                var c = Vector128.Load(column + 2 * panelRows);
                var d = Vector128.Load(column + 3 * panelRows);
                column += 4 * panelRows;
                var scale = isScaled ? Vector128.Load(job->OutputScales + output) : Vector128<float>.One;
                var added = bias == null ? null : bias + output;
                Epilogue.Store(Vector128.Create(a[0], b[0], c[0], d[0]) * scale, added, relu, y + output);
                if (rows > 1)
                    Epilogue.Store(Vector128.Create(a[1], b[1], c[1], d[1]) * scale, added, relu, y + job->YStride + output);
                if (rows > 2)
                    Epilogue.Store(Vector128.Create(a[2], b[2], c[2], d[2]) * scale, added, relu, y + 2 * job->YStride + output);
                if (rows > 3)
                    Epilogue.Store(Vector128.Create(a[3], b[3], c[3], d[3]) * scale, added, relu, y + 3 * job->YStride + output);
            }

            for (; output < outputEnd; output++)
            {
                for (var i = 0; i < rows; i++)
                    y[i * job->YStride + output] = Epilogue.Finish(isScaled ? column[i] * job->OutputScales[output] : column[i], bias == null ? null : bias + output, relu);
                column += panelRows;
            }

            sums += 4;
        }
    }
}
