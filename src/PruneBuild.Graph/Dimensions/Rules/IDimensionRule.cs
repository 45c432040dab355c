namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>What an operator family does with the axes of its operands (ONNX operator specification).</summary>
internal interface IDimensionRule
{
    /// <summary>Domain of the operators; empty for the default one.</summary>
    string Domain => "";

    /// <summary>Operator types of the domain.</summary>
    IReadOnlyList<string> Operators { get; }

    /// <summary>Whether sizes of axes that flow through as integers stay sizes; elsewhere they become data and must not change.</summary>
    bool MovesSizes => false;

    /// <summary>Writes the shapes of the outputs; the inputs' are known.</summary>
    /// <returns>Why it cannot, or null.</returns>
    string? Infer(NodeScope scope);

    /// <summary>Adds the node's constraints.</summary>
    void Bind(NodeScope scope);

    /// <summary>Rewrites what the node says about sizes.</summary>
    /// <exception cref="EditRefusedException">The node cannot follow the edit.</exception>
    void Rewrite(EditScope edit)
    {
    }
}
