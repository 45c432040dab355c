namespace PruneBuild.Targeting;

/// <summary>Whose operator attends over a key-value cache.</summary>
public enum AttentionOperator
{
    /// <summary>
    /// PruneBuild's where other operators of its runtime are in the model anyway and heads share keys, else ONNX Runtime's: a model without either opens
    /// everywhere.
    /// </summary>
    Auto,

    /// <summary>PruneBuild's.</summary>
    PruneBuild,

    /// <summary>ONNX Runtime's.</summary>
    OnnxRuntime,
}
