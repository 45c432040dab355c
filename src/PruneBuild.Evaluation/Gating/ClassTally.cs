namespace PruneBuild.Evaluation;

/// <summary>
/// Counts of a selection of answers by class, and the metrics made of them. Definitions as in scikit-learn: balanced accuracy over the
/// classes that occur as labels, macro F1 over those that occur as labels or answers, the multiclass Matthews correlation of
/// J. Gorodkin, Computational Biology and Chemistry 28 (2004) 367-374; a metric whose denominator is 0 is 0.
/// </summary>
internal readonly struct ClassTally
{
    private readonly int[] _labels;
    private readonly int[] _answers;
    private readonly int[] _right;
    private readonly int _cases;
    private readonly int _unanswered;

    /// <param name="selected">Numbers of the cases; one may come several times.</param>
    /// <param name="labels">Right class of every case.</param>
    /// <param name="answers">Predicted class of every case, or <see cref="Predictions.NotFinite"/>.</param>
    public ClassTally(ReadOnlySpan<int> selected, int[] labels, int[] answers)
    {
        var classes = 0;
        foreach (var index in selected) classes = Math.Max(classes, Math.Max(labels[index], answers[index]) + 1);
        (_labels, _answers, _right, _cases) = (new int[classes], new int[classes], new int[classes], selected.Length);
        foreach (var index in selected)
        {
            var (label, answer) = (labels[index], answers[index]);
            _labels[label]++;
            if (answer == Predictions.NotFinite) _unanswered++;
            else _answers[answer]++;
            if (answer == label) _right[label]++;
        }
    }

    public double BalancedAccuracy
    {
        get
        {
            var (sum, occurring) = (0.0, 0);
            for (var i = 0; i < _labels.Length; i++)
            {
                if (_labels[i] == 0) continue;
                sum += (double)_right[i] / _labels[i];
                occurring++;
            }
            return sum / occurring;
        }
    }

    public double MacroF1
    {
        get
        {
            var (sum, occurring) = (0.0, 0);
            for (var i = 0; i < _labels.Length; i++)
            {
                if (_labels[i] + _answers[i] == 0) continue;
                sum += 2.0 * _right[i] / (_labels[i] + _answers[i]);
                occurring++;
            }
            return sum / occurring;
        }
    }

    public double MatthewsCorrelation
    {
        get
        {
            double n = _cases, right = 0, products = 0, labels = 0, answers = (double)_unanswered * _unanswered;
            for (var i = 0; i < _labels.Length; i++)
            {
                right += _right[i];
                products += (double)_labels[i] * _answers[i];
                labels += (double)_labels[i] * _labels[i];
                answers += (double)_answers[i] * _answers[i];
            }
            var denominator = Math.Sqrt((n * n - answers) * (n * n - labels));
            return denominator > 0 ? (right * n - products) / denominator : 0;
        }
    }
}
