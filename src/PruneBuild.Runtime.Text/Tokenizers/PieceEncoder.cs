namespace PruneBuild.Runtime.Text;

/// <summary>Adds the tokens of a piece of text. Keeps its buffers, so it is not for several threads.</summary>
internal delegate void PieceEncoder(ReadOnlySpan<char> piece, List<int> tokens);

/// <summary>What makes tokens of pieces.</summary>
internal interface ITokenModel
{
    /// <summary>An encoder for the pieces of a text.</summary>
    PieceEncoder CreateEncoder();
}
