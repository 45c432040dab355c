namespace PruneBuild.Tests.Targeting;

/// <summary>A random weight [outputs, inputs] with zero blocks, and its int8 form within 7 bits: values = quantized × scale of the output.</summary>
internal sealed class Matrix
{
    public Matrix(int outputs, int inputs, double blockSparsity, int blockInputs = 4, int seed = 1, int magnitude = 63)
    {
        (Outputs, Inputs) = (outputs, inputs);
        var random = new Random(seed);
        Scales = [.. Enumerable.Range(0, outputs).Select(_ => 0.001f + 0.002f * random.NextSingle())];
        Quantized = new sbyte[outputs * inputs];
        var isZero = new bool[(outputs + 7) / 8, (inputs + blockInputs - 1) / blockInputs];
        for (var group = 0; group < isZero.GetLength(0); group++)
            for (var block = 0; block < isZero.GetLength(1); block++)
                isZero[group, block] = random.NextDouble() < blockSparsity;
        for (var output = 0; output < outputs; output++)
            for (var input = 0; input < inputs; input++)
                if (!isZero[output / 8, input / blockInputs])
                    Quantized[output * inputs + input] = (sbyte)(random.Next(1, magnitude + 1) * (random.Next(2) * 2 - 1));
        Values = [.. Quantized.Select((value, i) => value * Scales[i / inputs])];
    }

    public int Outputs { get; }

    public int Inputs { get; }

    public sbyte[] Quantized { get; }

    public float[] Scales { get; }

    public float[] Values { get; }

    public T[] Transposed<T>(T[] matrix)
    {
        var result = new T[matrix.Length];
        for (var output = 0; output < Outputs; output++)
            for (var input = 0; input < Inputs; input++)
                result[input * Outputs + output] = matrix[output * Inputs + input];
        return result;
    }

    /// <summary>x · Wᵀ + bias in double precision; x is [rows, inputs].</summary>
    public float[] Multiply(float[] x, float[]? bias = null, bool relu = false)
    {
        var rows = x.Length / Inputs;
        var y = new float[rows * Outputs];
        for (var row = 0; row < rows; row++)
        {
            for (var output = 0; output < Outputs; output++)
            {
                var sum = (double)(bias?[output] ?? 0);
                for (var input = 0; input < Inputs; input++)
                    sum += (double)x[row * Inputs + input] * Values[output * Inputs + input];
                y[row * Outputs + output] = (float)(relu ? Math.Max(0, sum) : sum);
            }
        }

        return y;
    }
}
