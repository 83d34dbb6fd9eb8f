namespace Dataplane.Net.Tests;

public sealed class Label20Tests
{
    [Theory]
    [InlineData(0u, false, true)]
    [InlineData(2u, false, true)]
    [InlineData(3u, false, false)]
    [InlineData(15u, false, false)]
    [InlineData(16u, true, false)]
    [InlineData(1048575u, true, false)]
    [InlineData(1048576u, false, false)]
    public void KnowsWhatMayBeAssigned(uint value, bool assignable, bool explicitNull)
    {
        Assert.Equal(assignable, new Label20(value).IsAssignable);
        Assert.Equal(explicitNull, new Label20(value).IsExplicitNull);
    }
}
