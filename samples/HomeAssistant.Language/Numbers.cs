namespace HomeAssistant.Language;

/// <summary>Numbers in words.</summary>
internal static class Numbers
{
    private static readonly string[] Small =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen",
        "sixteen", "seventeen", "eighteen", "nineteen",
    ];

    private static readonly string[] Tens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

    /// <summary>0 to 999.</summary>
    public static string InWords(int number) => number switch
    {
        < 20 => Small[number],
        < 100 when number % 10 == 0 => Tens[number / 10],
        < 100 => $"{Tens[number / 10]}-{Small[number % 10]}",
        _ when number % 100 == 0 => $"{Small[number / 100]} hundred",
        _ => $"{Small[number / 100]} hundred and {InWords(number % 100)}",
    };
}
