using System.Text.Json;

namespace PruneBuild.Runtime.Text;

/// <summary>
/// What a text must be: tokens by which it would cease to be the beginning of that are not chosen, whatever their logits, and the text may
/// end only where it is whole. A space may stand before it. A limit of tokens, a full context or a stop string still cuts it:
/// <see cref="GenerationResult.End"/> says so. It may be shared by generators and threads; making one takes longer than using it again.
/// </summary>
public sealed class TextConstraint
{
    private TextConstraint(GrammarPart part) => Grammar = new Grammar(GrammarPart.Sequence(GrammarPart.Optional(GrammarPart.Exactly(" ")), part));

    /// <summary>Any JSON object, at most 32 values deep.</summary>
    public static TextConstraint Json { get; } = new(JsonGrammar.AnyObject);

    /// <summary>What is followed.</summary>
    internal Grammar Grammar { get; }

    /// <summary>
    /// A value that is valid by a JSON Schema of <c>type</c>, <c>properties</c>, <c>required</c>, <c>additionalProperties</c>, <c>items</c>,
    /// <c>minItems</c>, <c>maxItems</c>, <c>minLength</c>, <c>maxLength</c>, <c>format</c> (<c>date</c>, <c>time</c>, <c>date-time</c>, <c>uuid</c>), <c>enum</c>, <c>const</c>, <c>anyOf</c> and <c>$ref</c> within the schema.
    /// Members are written in the order of <c>properties</c>, and others than those only where there is no <c>properties</c>.
    /// </summary>
    /// <param name="schema">The schema.</param>
    /// <exception cref="EdgeModelException">PB6115: a keyword is not supported, or no value is valid; its JSON pointer says where.</exception>
    public static TextConstraint ForJsonSchema(JsonElement schema) => new(JsonSchemaGrammar.Of(schema));

    internal static TextConstraint Of(GrammarPart part) => new(part);
}
