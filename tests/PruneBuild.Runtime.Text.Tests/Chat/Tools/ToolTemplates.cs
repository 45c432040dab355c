namespace PruneBuild.Tests.Chat.Tools;

/// <summary>Small templates that take tools as publishers' do, one for each form of calls.</summary>
internal static class ToolTemplates
{
    public const string Plain = "{% for m in messages %}{{ m.role }}:{{ m.content }};{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}";

    public static readonly string Hermes = Of("<tool_call>{{ c.function | tojson }}</tool_call>");
    public static readonly string Llama = Of("""{"name": "{{ c.function.name }}", "parameters": {{ c.function.arguments | tojson }}}""");
    public static readonly string Mistral = Of("{% if c.id | length != 9 %}{{ raise_exception('nine') }}{% endif %}[TOOL_CALLS][{{ c.function | tojson }}]");

    private static string Of(string call) =>
        "{% for t in tools or [] %}{{ t.type }} {{ t.function.name }} {{ t.function.description }} {{ t.function.parameters.properties | list | join(',') }};{% endfor %}"
        + "{% for m in messages %}{{ m.role }}:{{ m.content }}{% for c in m.tool_calls %}" + call + "{% endfor %}{% if m.tool_call_id is defined %}[{{ m.name }}]{% endif %};{% endfor %}"
        + "{% if add_generation_prompt %}assistant:{% endif %}";
}
