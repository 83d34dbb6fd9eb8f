namespace Dataplane.Golden;

/// <summary>The names of the golden cases of one group: the rows of that group's theory.</summary>
internal sealed class CasesOf
{
    public static TheoryData<string> Group(string group)
    {
        var rows = new TheoryData<string>();
        foreach (var golden in GoldenCase.All().Where(golden => golden.Group == group))
        {
            rows.Add(golden.Name);
        }
        return rows;
    }
}
