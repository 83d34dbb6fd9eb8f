namespace Dataplane.Xmpp.Tests;

/// <summary>Addresses of RFC 7622, as far as they are ASCII.</summary>
public sealed class JidTests
{
    [Theory]
    [InlineData("02aa10c0ffee@dc1.example.net", "02aa10c0ffee", "dc1.example.net", null)]
    [InlineData("02AA10C0FFEE@DC1.Example.NET./Agent", "02aa10c0ffee", "dc1.example.net", "Agent")]
    [InlineData("sg.dc1.example.net", null, "sg.dc1.example.net", null)]
    [InlineData("sg.dc1.example.net/a@b/c", null, "sg.dc1.example.net", "a@b/c")]
    [InlineData("hv12@[2001:db8::1]", "hv12", "[2001:db8::1]", null)]
    [Trait("Requirement", "XMP-03")]
    public void ReadsAddresses(string text, string? local, string domain, string? resource)
    {
        var jid = Jid.Parse(text);
        Assert.Equal((local, domain, resource), (jid.Local, jid.Domain, jid.Resource));
        Assert.Equal(jid, Jid.Parse(jid.ToString()));
        Assert.Equal(resource is null ? jid : Jid.Parse($"{(local is null ? "" : local + "@")}{domain}"), jid.Bare);
    }

    [Theory]
    [InlineData("")]
    [InlineData("@dc1.example.net")]
    [InlineData("a@")]
    [InlineData("a@b@c")]
    [InlineData("a b@c")]
    [InlineData("a<b@c")]
    [InlineData("a&b@c")]
    [InlineData("a@b c")]
    [InlineData("a@b/")]
    [InlineData("/resource")]
    [InlineData("a@b/\u0007")]
    [InlineData("\u00fc@b")]
    [InlineData(".")]
    public void RefusesWhatIsNone(string text)
    {
        Assert.False(Jid.TryParse(text, out Jid jid));
        Assert.True(jid.IsNone);
        _ = Assert.Throws<FormatException>(() => Jid.Parse(text));
    }

    [Fact]
    public void RefusesPartsThatAreTooLong()
    {
        string longest = new('a', Jid.LongestPart);
        Assert.True(Jid.TryParse($"{longest}@{longest}/{longest}", out _));
        Assert.False(Jid.TryParse($"{longest}a@b", out _));
        Assert.False(Jid.TryParse($"b@{longest}a", out _));
        Assert.False(Jid.TryParse($"b/{longest}a", out _));
    }

    [Fact]
    public void EqualAddressesAreEqualValues()
    {
        Assert.Equal(Jid.Parse("A@B.example"), Jid.Parse("a@b.EXAMPLE."));
        Assert.NotEqual(Jid.Parse("a@b/X"), Jid.Parse("a@b/x"));
        Assert.True(Jid.Parse("a@b").IsBareOf(Jid.Parse("a@b/x")));
        Assert.False(Jid.Parse("a@b/x").IsBareOf(Jid.Parse("a@b/x")));
    }
}
