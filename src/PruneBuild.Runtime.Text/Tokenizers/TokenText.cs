namespace PruneBuild.Runtime.Text;

/// <summary>What a token adds to a text.</summary>
/// <param name="Bytes">In UTF-8; perhaps a part of a character.</param>
/// <param name="IsSpecial">Whether it steers the model and is no text.</param>
internal sealed record TokenText(byte[] Bytes, bool IsSpecial);
