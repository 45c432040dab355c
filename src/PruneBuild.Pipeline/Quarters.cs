namespace PruneBuild.Pipeline;

/// <summary>Lets one of many reports of progress through for every quarter of the work.</summary>
internal sealed class Quarters
{
    private int last = -1;

    /// <summary>Whether a new quarter has begun, and how many are done, 0 to 4.</summary>
    public bool IsNew(long done, long total, out int quarter)
    {
        quarter = total == 0 ? 4 : (int)(4 * done / total);
        if (quarter == last)
            return false;
        last = quarter;
        return true;
    }
}
