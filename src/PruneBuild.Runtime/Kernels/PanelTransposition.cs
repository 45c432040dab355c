using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PruneBuild.Runtime;

/// <summary>Turns rows of activations into panels [panel, inputs, panelRows]: neighbouring rows of one input side by side.</summary>
internal static unsafe class PanelTransposition
{
    /// <summary>Fills whole panels; rows beyond the last are zeros.</summary>
    /// <param name="x">[rows, inputs].</param>
    /// <param name="rows">Rows of x.</param>
    /// <param name="inputs">Columns of x.</param>
    /// <param name="panelRows">A multiple of 4.</param>
    /// <param name="panels">[panels, inputs, panelRows], written.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fill(float* x, int rows, int inputs, int panelRows, float* panels)
    {
        for (var first = 0; first < rows; first += panelRows)
        {
            var panel = panels + (nint)first * inputs;
            var row = 0;
            for (; row + 4 <= panelRows && first + row + 4 <= rows; row += 4)
                FourRows(x + (nint)(first + row) * inputs, inputs, panelRows, panel + row);
            for (; row < panelRows; row++)
            {
                var source = first + row < rows ? x + (nint)(first + row) * inputs : null;
                for (var input = 0; input < inputs; input++)
                    panel[(nint)input * panelRows + row] = source == null ? 0 : source[input];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourRows(float* x, int inputs, int panelRows, float* panel)
    {
        var input = 0;
        for (; input + 4 <= inputs; input += 4)
        {
            var a = Vector128.Load(x + input);
            var b = Vector128.Load(x + inputs + input);
            var c = Vector128.Load(x + 2 * (nint)inputs + input);
            var d = Vector128.Load(x + 3 * (nint)inputs + input);
            var target = panel + (nint)input * panelRows;
            Vector128.Create(a[0], b[0], c[0], d[0]).Store(target);
            Vector128.Create(a[1], b[1], c[1], d[1]).Store(target + panelRows);
            Vector128.Create(a[2], b[2], c[2], d[2]).Store(target + 2 * panelRows);
            Vector128.Create(a[3], b[3], c[3], d[3]).Store(target + 3 * panelRows);
        }

        for (; input < inputs; input++)
        {
            for (var row = 0; row < 4; row++)
                panel[(nint)input * panelRows + row] = x[(nint)row * inputs + input];
        }
    }
}
