using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;
using NJsonSchema.Validation;
using NJsonSchema.Validation.FormatValidators;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>A <c>pattern</c> of a JSON schema, given to NJsonSchema as a format: its own patterns would backtrack.</summary>
/// <param name="format">Name of the format.</param>
/// <param name="pattern">The expression.</param>
internal sealed class PatternFormat(string format, Regex pattern) : IFormatValidator
{
    public string Format => format;

    public ValidationErrorKind ValidationErrorKind => ValidationErrorKind.PatternMismatch;

    public bool IsValid(string value, JTokenType tokenType) => pattern.IsMatch(value);
}
