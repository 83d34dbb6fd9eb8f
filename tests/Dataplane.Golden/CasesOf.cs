namespace Dataplane.Golden;

/// <summary>The names of the golden cases of one group: the rows of that group's theory.</summary>
public static class CasesOf
{
    public static TheoryData<string> Group(string group) => [.. GoldenCase.All().Where(golden => golden.Group == group).Select(golden => golden.Name)];
}
