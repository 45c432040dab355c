namespace PruneBuild.Compression.Calibration;

/// <summary>One value for one model input.</summary>
/// <param name="Data">Elements: float[], long[], int[], byte[] or bool[].</param>
/// <param name="Shape">Dimensions; their product is the number of elements.</param>
public sealed record CalibrationTensor(Array Data, long[] Shape);

/// <summary>A value for every input of the model; one run.</summary>
/// <param name="Inputs">By input name.</param>
/// <param name="Source">Where it comes from, for messages.</param>
public sealed record CalibrationBatch(IReadOnlyDictionary<string, CalibrationTensor> Inputs, string Source = "calibration");
