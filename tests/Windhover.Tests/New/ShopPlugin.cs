using Windhover.Components.Bindings;

namespace Windhover.Tests.New;

/// <summary>The host's side of the plug-ins that are written for all languages.</summary>
[WitWorld("acme:shop/plugin")]
public sealed partial class ShopPlugin;
