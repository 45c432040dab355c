namespace HomeAssistant.Training;

/// <summary>Something that says which token comes next.</summary>
internal interface ILanguageModel
{
    /// <summary>Logits after every token, [rows, length, vocabulary].</summary>
    /// <param name="tokens">Rows of one length, padded on the right.</param>
    /// <param name="lengths">Tokens of each row without padding.</param>
    float[] Logits(long[] tokens, IReadOnlyList<int> lengths);
}
