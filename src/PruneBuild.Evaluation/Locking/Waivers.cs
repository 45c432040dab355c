using System.Globalization;

namespace PruneBuild.Evaluation;

/// <summary>Applies the waivers of a ledger to a verdict.</summary>
public static class Waivers
{
    private const string DateFormat = "yyyy-MM-dd";

    /// <summary>
    /// The verdict in which missed and undecided floors with a waiver are <see cref="CheckResult.Waived"/> up to its last day, and say
    /// afterwards that it is over. What could not be measured cannot be waived.
    /// </summary>
    /// <param name="verdict">The verdict of the gate.</param>
    /// <param name="ledger">The ledger beside the harness.</param>
    /// <param name="today">The current day.</param>
    public static Verdict Apply(Verdict verdict, Ledger ledger, DateOnly today)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        ArgumentNullException.ThrowIfNull(ledger);
        FloorCheck[] checks = [.. verdict.Checks.Select(check => Apply(check, verdict.Harness, ledger, today))];
        return verdict with
        {
            Checks = checks,
            Result = checks.Select(check => check.Result).DefaultIfEmpty(CheckResult.Pass).Max(),
        };
    }

    /// <summary>The day as the ledger writes it.</summary>
    public static string Text(DateOnly day) => day.ToString(DateFormat, CultureInfo.InvariantCulture);

    /// <summary>Reads a day; null when it is none.</summary>
    public static DateOnly? Day(string? text) =>
        DateOnly.TryParseExact(text, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    private static FloorCheck Apply(FloorCheck check, string harness, Ledger ledger, DateOnly today)
    {
        if (check.Result is not (CheckResult.Fail or CheckResult.Inconclusive) || check.Floor is null) return check;
        if (ledger.Waiver(harness, check.Floor) is not { Until: { } until } entry) return check;
        var isOver = Day(until) is not { } last || last < today;
        return check with
        {
            Result = isOver ? check.Result : CheckResult.Waived,
            Waiver = new FloorWaiver(until, entry.Reason ?? ""),
            Message = isOver ? $"{check.Message}; its waiver ended on {until}" : $"{check.Message}; waived until {until}: {entry.Reason}",
        };
    }
}
