from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant_sync.errors import InvalidFiles
from assistant_sync.manifests.project.file import find_project_file, load_project
from assistant_sync.model.project import Activation, Auth, CheckTerms, Limit, Limits, Project, Target

SMALL = "version: 1\nproject: acme\n"
KEY = "ghp_" + "secret12" * 4
LIKE_A_KEY = "this looks like a key, not the name of a variable that holds one"


def load(folder: Path, text: str) -> Project:
    (folder / "assistant-sync.yaml").write_text(text, encoding="utf-8", newline="")
    return load_project(folder / "assistant-sync.yaml")


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(InvalidFiles) as raised:
        load(folder, text)
    assert raised.value.exit_code == 3
    return [str(problem).removeprefix("assistant-sync.yaml:") for problem in raised.value.problems]


def problem_of_target(folder: Path, fields: str) -> str:
    (problem,) = problems(folder, f"{SMALL}targets:\n  prod:\n    url: https://x.org\n    {fields}\n")
    return problem


def target(folder: Path, fields: str) -> Target:
    return load(folder, f"{SMALL}targets:\n  prod:\n    {fields}\n").targets["prod"]


class TestFind:
    def test_it_is_found_in_the_folder_itself(self, tmp_path: Path) -> None:
        (tmp_path / "assistant-sync.yaml").write_text(SMALL)
        assert find_project_file(tmp_path) == tmp_path / "assistant-sync.yaml"

    def test_it_is_found_above_up_to_the_top_of_the_work_tree(self, tmp_path: Path) -> None:
        (tmp_path / "assistant-sync.yaml").write_text(SMALL)
        inner = tmp_path / "repo" / "a"
        inner.mkdir(parents=True)
        assert find_project_file(inner) == tmp_path / "assistant-sync.yaml"
        (tmp_path / ".git").mkdir()
        assert find_project_file(inner) == tmp_path / "assistant-sync.yaml"
        (tmp_path / "repo" / ".git").mkdir()
        with pytest.raises(InvalidFiles):
            find_project_file(inner)

    def test_without_one_the_way_out_is_init(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidFiles) as raised:
            find_project_file(tmp_path)
        (problem,) = raised.value.problems
        assert str(problem) == (
            f"assistant-sync.yaml: not found in {tmp_path} or any folder above it; `assistant-sync init` writes one"
        )

    def test_a_file_with_the_other_suffix_is_pointed_at(self, tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        (tmp_path / "assistant-sync.yml").write_text(SMALL)
        with pytest.raises(InvalidFiles) as raised:
            find_project_file(tmp_path)
        assert raised.value.problems[0].message.endswith(
            f"; rename {tmp_path / 'assistant-sync.yml'} to assistant-sync.yaml"
        )


class TestLoad:
    def test_the_smallest_file_names_the_project(self, tmp_path: Path) -> None:
        assert load(tmp_path, SMALL) == Project(
            name="acme",
            folder=tmp_path.resolve(),
            file="assistant-sync.yaml",
            manifests="assistants",
            archive=None,
            default_target=None,
            targets={},
        )

    def test_a_full_file_is_taken_as_it_stands(self, tmp_path: Path) -> None:
        project = load(
            tmp_path,
            """\
            version: 1
            project: acme-support
            manifests: ./conf//assistants/
            archive: archive
            default_target: production
            targets:
              local: {url: "HTTP://LocalHost:80/"}
              production:
                url: HTTPS://Acme.US.langgraph.app:443/base/
                api_key_env: PROD_KEY
                headers: {X-Tenant-Id: 0b4c}
                headers_env: {Authorization: PROD_TOKEN}
                ca_file: certs/ca.pem
                cert_file: /etc/cert.pem
                key_file: ../key.pem
                overlay: overlays/production
                limits: {deletes: 0, updates: 50%}
                activation: full
                measured_version: 0.8.1
                prune: true
            checks: {target: local, gate: true, max_runs: 20, allow_default_context: true}
            """,
        )
        assert project.checks == CheckTerms(target="local", gate=True, max_runs=20, allow_default_context=True)
        assert (project.manifests, project.archive, project.default_target) == (
            "conf/assistants",
            "archive",
            "production",
        )
        assert list(project.targets) == ["local", "production"]
        assert project.targets["local"] == Target("local", "http://localhost")
        folder = tmp_path.resolve()
        assert project.targets["production"] == Target(
            name="production",
            url="https://acme.us.langgraph.app/base",
            api_key_env="PROD_KEY",
            headers={"X-Tenant-Id": "0b4c"},
            headers_env={"Authorization": "PROD_TOKEN"},
            ca_file=folder / "certs/ca.pem",
            cert_file=Path("/etc/cert.pem"),
            key_file=folder / "../key.pem",
            overlay="overlays/production",
            limits=Limits(Limit(0, is_percentage=False), Limit(50, is_percentage=True)),
            activation=Activation.FULL,
            measured_version="0.8.1",
            prune=True,
        )

    def test_null_is_absent(self, tmp_path: Path) -> None:
        named = [
            "api_key_env",
            "ca_file",
            "cert_file",
            "key_file",
            "overlay",
            "activation",
            "measured_version",
            "prune",
        ]
        names = [*named, "headers", "headers_env", "limits"]
        nulls = "".join(f", {name}: null" for name in names)
        text = f"{SMALL}manifests:\narchive:\ndefault_target:\ntargets: {{a: {{url: 'https://x.org'{nulls}}}}}\n"
        assert load(tmp_path, text).targets["a"] == Target("a", "https://x.org")
        assert target(tmp_path, "url: https://x.org\n    limits: {deletes: null, updates: null}").limits == Limits()

    def test_an_only_target_is_the_default(self, tmp_path: Path) -> None:
        only = SMALL + "targets: {a: {url: 'https://x.org'}}\n"
        assert load(tmp_path, only).default_target == "a"
        assert load(tmp_path, only[:-2] + ", b: {url: 'https://y.org'}}\n").default_target is None

    def test_headers_cannot_be_changed_afterwards(self, tmp_path: Path) -> None:
        headers = target(tmp_path, "{url: 'https://x.org', headers: {A: b}}").headers
        with pytest.raises(TypeError):
            headers["C"] = "d"  # type: ignore[index] # that is the point

    @pytest.mark.parametrize(
        ("text", "limit"),
        [("0", Limit(0, is_percentage=False)), ("12", Limit(12, is_percentage=False)),
         ("0%", Limit(0, is_percentage=True)), ("'50%'", Limit(50, is_percentage=True)),
         ("100 %", Limit(100, is_percentage=True))],
    )  # fmt: skip
    def test_a_limit_is_a_count_or_a_percentage(self, tmp_path: Path, text: str, limit: Limit) -> None:
        limits = target(tmp_path, f"{{url: 'https://x.org', limits: {{deletes: {text}, updates: {text}}}}}").limits
        assert limits == Limits(limit, limit)

    def test_a_link_to_the_file_counts_as_the_file_where_it_lies(self, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        load(tmp_path / "real", SMALL)
        (tmp_path / "assistant-sync.yaml").symlink_to("real/assistant-sync.yaml")
        assert load_project(tmp_path / "assistant-sync.yaml").folder == tmp_path.resolve()

    def test_folders_may_lie_beside_the_file_s_inside_the_repository(self, tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        (tmp_path / "deploy").mkdir()
        assert load(tmp_path / "deploy", SMALL + "manifests: ../assistants\n").manifests == "../assistants"


class TestProblems:
    def test_a_missing_file_is_reported(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidFiles) as raised:
            load_project(tmp_path / "other.yaml")
        assert [str(problem) for problem in raised.value.problems] == ["other.yaml: this file does not exist"]

    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "p.yaml")
        with pytest.raises(InvalidFiles):
            load_project(tmp_path / "p.yaml")

    def test_an_unsupported_suffix_in_a_folder_above_does_not_hide_the_file(self, tmp_path: Path) -> None:
        load(tmp_path, SMALL)
        (tmp_path / "a").mkdir()
        (tmp_path / "a" / "assistant-sync.yml").write_text(SMALL)
        assert find_project_file(tmp_path / "a") == tmp_path / "assistant-sync.yaml"

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("", "1:1: the project file must be a mapping of fields such as 'version: 1'"),
            ("# c\n- x\n", "2:1: the project file must be a mapping of fields such as 'version: 1'"),
            (SMALL + "---\na: 1\n", "4:1: the project file must be one YAML document; remove the one that starts here"),
            (SMALL + "project: b\n", "3:1: the key 'project' is given twice"),
            ("project: acme\n", "1:1: version is required"),
            ("version: 1\n", "1:1: project is required"),
            ("version: 2\nproject: acme\n", "1:10: version must be 1, the only version of this format"),
            ("version: '1'\nproject: acme\n", "1:10: version must be 1, the only version of this format, not text"),
            (
                "version: true\nproject: acme\n",
                "1:10: version must be 1, the only version of this format, not a boolean",
            ),
            ("version: 1\nproject: 3\n", "2:10: project must be text, not a number"),
            (SMALL + "target: {}\n", "3:1: unknown field 'target'; did you mean 'targets'?"),
            (SMALL + "targets: []\n", "3:10: targets must be a mapping, not a list"),
            (SMALL + "targets: {a: }\n", "3:14: targets.a must be a mapping, not null"),
            (SMALL + "targets: {a: {}}\n", "3:14: targets.a.url is required"),
            (SMALL + "targets: {a: {url: }}\n", "3:20: targets.a.url must be text, not null"),
            (SMALL + "default_target: locl\n", "3:17: default_target: there is no target 'locl'"),
            (
                SMALL + "default_target: locl\ntargets: {local: {url: 'https://x.org'}}\n",
                "3:17: default_target: there is no target 'locl'; did you mean 'local'?",
            ),
            (
                SMALL + "targets:\n  a: {url: 'https://x.org'}\n  b: {url: 'HTTPS://X.org:443/'}\n",
                "5:12: target 'a' has the same URL; two projects may share a URL, two targets of one may not",
            ),
        ],
    )
    def test_a_problem_is_reported_at_its_place(self, tmp_path: Path, text: str, problem: str) -> None:
        assert problems(tmp_path, text) == [problem]

    @pytest.mark.parametrize("name", ["Acme", "-a", "a" * 64, "a_b", "a.b", "''", "ä", '"a\\n"'])
    def test_a_project_s_name_is_plain(self, tmp_path: Path, name: str) -> None:
        (problem,) = problems(tmp_path, f"version: 1\nproject: {name}\n")
        assert problem.startswith("2:10: project: a project's name is 1 to 63 characters of a-z, 0-9 and '-'")

    @pytest.mark.parametrize("name", ["''", "a/b", "..", "a b", '"a\\n"'])
    def test_a_target_s_name_is_plain(self, tmp_path: Path, name: str) -> None:
        (problem,) = problems(tmp_path, f"{SMALL}targets:\n  {name}: {{url: 'https://x.org'}}\n")
        assert problem.startswith("4:3: ")
        assert "a target's name is 1 to 63 letters" in problem

    @pytest.mark.parametrize(
        ("url", "words"),
        [
            ("http://example.org", "plain http to another machine"),
            ("http://10.0.0.1:2024", "plain http to another machine"),
            ("ftp://example.org", "must start with https://"),
            ("example.org", "must start with https://"),
            ("https://me:hunter2@example.org", "user name or password"),
            ("https://example.org?x=1", "query or fragment"),
            ("https://example.org/#a", "query or fragment"),
        ],
    )
    def test_a_url_that_cannot_be_used_is_reported_without_its_text(self, tmp_path: Path, url: str, words: str) -> None:
        (problem,) = problems(tmp_path, f"{SMALL}targets: {{a: {{url: '{url}'}}}}\n")
        assert problem.startswith("3:20: targets.a.url: the URL")
        assert words in problem
        assert "hunter2" not in problem

    @pytest.mark.parametrize("url", ["http://localhost:2024", "http://127.1.2.3", "http://[::1]:8123/x"])
    def test_plain_http_stays_on_this_machine(self, tmp_path: Path, url: str) -> None:
        assert target(tmp_path, f"url: '{url}'").url == url

    @pytest.mark.parametrize(
        ("fields", "place", "words"),
        [
            ("headers: {x-api-key: lsv2_secret}", "6:15", "name an environment variable in api_key_env"),
            ("headers: {Authorization: Bearer secret}", "6:15", "name an environment variable in headers_env"),
            ("headers: {Cookie: secret}", "6:15", "name an environment variable in headers_env"),
            ("headers: {'a b': x}", "6:15", "this is not a valid header name"),
            ("headers: {Host: x}", "6:15", "the header Host is set by assistant-sync itself; remove it"),
            ("headers_env: {Content-Length: X}", "6:19", "set by assistant-sync itself; remove it"),
            (
                'headers: {A: "x\\r\\nB: secret"}',
                "6:18",
                "one line of ASCII characters, without leading or trailing blanks",
            ),
            ("headers: {A: ' x'}", "6:18", "one line of ASCII characters, without leading or trailing blanks"),
            ("headers: {A: ''}", "6:18", "one line of ASCII characters, without leading or trailing blanks"),
            ("headers: {A: ä}", "6:18", "one line of ASCII characters, without leading or trailing blanks"),
            ("headers: {A: 1}", "6:18", "headers.A must be text, not a number"),
            (
                "{headers: {A: x}, headers_env: {a: X}}"[1:-1].replace(", h", "\n    h"),
                "7:19",
                "the header a is given twice",
            ),
            ("headers: {a: x, A: y}", "6:21", "the header A is given twice"),
            ("headers_env: {A: $SECRET}", "6:22", "the name of an environment variable, not its value"),
            ("api_key_env: lsv2-secret", "6:18", "the name of an environment variable, not its value"),
            ("api_key_env: ''", "6:18", "the name of an environment variable, not its value"),
            ("api_key_env: lsv2_pt_" + "secret12" * 4, "6:18", LIKE_A_KEY),
            ("api_key_env: sk-" + "secret12" * 4, "6:18", LIKE_A_KEY),
            ("headers_env: {A: " + KEY + "}", "6:22", LIKE_A_KEY),
            ("headers_env: {" + KEY + ": $A}", "6:57", "headers_env.'(masked)': this must be the name"),
            (f"headers: {{{KEY}: a}}\n    headers_env: {{{KEY}: B}}", "7:19", "the header (masked) is given twice"),
            (KEY + ": A", "6:5", "unknown field '(masked)' in targets.prod"),
            ("overlay: ../" + KEY, "6:14", "'../(masked)' is outside of the repository"),
            ("overlay: /abs", "6:14", "a path relative to the folder of this file"),
            ("overlay: a\\b", "6:14", "a path relative to the folder of this file"),
            ("overlay: ''", "6:14", "a path relative to the folder of this file"),
            ("overlay: ../x", "6:14", "'../x' is outside of the repository"),
            ("overlay: a/../.git/x", "6:14", "'.git/x' is inside .git"),
            ("overlay: assistants", "6:14", "'assistants' contains the manifests, so it cannot also be the overlay"),
            ("overlay: .", "6:14", "'.' contains the manifests"),
            ("key_file: k", "6:5", "key_file requires cert_file"),
            ("ca_file: ''", "6:14", "this must be the path of a file"),
            ("limits: {deletes: -1}", "6:23", "a limit is a number such as 5"),
            ("limits: {deletes: 101%}", "6:23", "a limit is a number such as 5"),
            ("limits: {updates: '10'}", "6:23", "a limit is a number such as 5"),
            ("limits: {updates: 1.5}", "6:23", "a limit is a number such as 5"),
            ("limits: {updates: true}", "6:23", "a limit is a number such as 5"),
            ("limits: {update: 1}", "6:14", "unknown field 'update' in targets.prod.limits; did you mean 'updates'?"),
            ("limits: 5", "6:13", "targets.prod.limits must be a mapping, not a number"),
            ("activation: Safe", "6:17", "targets.prod.activation must be safe, full or never"),
            ("measured_version: 0.8.1", "6:5", "measured_version requires activation: full"),
            ("measured_version: 0.8", "6:23", "targets.prod.measured_version must be text"),
            ("measured_version: 0.8 beta", "6:23", "a server's version is 1 to 80 letters"),
            ("prune: 'yes'", "6:12", "targets.prod.prune must be true or false, not text"),
            ("prune: yes", "6:12", "targets.prod.prune must be true or false, not text"),
            ("api_key: secret", "6:5", "unknown field 'api_key' in targets.prod; did you mean 'api_key_env'?"),
        ],
    )
    def test_a_problem_of_a_target_is_reported_without_secrets(
        self, tmp_path: Path, fields: str, place: str, words: str
    ) -> None:
        problem = problem_of_target(tmp_path, fields)
        assert problem.startswith(place + ": ")
        assert words in problem
        assert "secret" not in problem.replace("is a secret and must", "")

    @pytest.mark.parametrize("name", ["LANGSMITH_API_KEY", "lsv2_pt_key", "ghp_token", "SK_LIVE_OF_THE_SHOP_ABROAD"])
    def test_a_variable_may_be_named_for_what_it_holds(self, tmp_path: Path, name: str) -> None:
        assert target(tmp_path, f"{{url: 'https://x.org', api_key_env: {name}}}").api_key_env == name

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ("key: support\ngraph_id: agent\nname: Support\ncontext: {}\n", "2:1"),
            ("name: first\n---\nkey: b\ngraph_id: agent\n", "4:1"),
        ],
    )
    def test_a_manifest_in_its_place_is_one_problem(self, tmp_path: Path, text: str, place: str) -> None:
        assert problems(tmp_path, text) == [f"{place}: this looks like a manifest; --config takes the project file"]

    def test_a_project_file_with_a_field_of_a_manifest_is_no_manifest(self, tmp_path: Path) -> None:
        assert problems(tmp_path, SMALL + "graph_id: agent\n") == ["3:1: unknown field 'graph_id'"]

    @pytest.mark.parametrize("checks", ["", "checks:\n", "checks: {}\n", "checks: {target: , gate: , max_runs: }\n"])
    def test_checks_are_asked_on_no_target_unless_one_is_named(self, tmp_path: Path, checks: str) -> None:
        assert load(tmp_path, SMALL + checks).checks == CheckTerms()

    @pytest.mark.parametrize(
        ("checks", "found"),
        [
            ("{target: prd}", "4:18: checks.target: there is no target 'prd'; did you mean 'prod'?"),
            ("{target: 5}", "4:18: checks.target must be text, not a number"),
            ("{gate: 'yes'}", "4:16: checks.gate must be true or false, not text"),
            ("{max_runs: 0}", "4:20: checks.max_runs must be an integer of at least 1"),
            ("{max_runs: 1.5}", "4:20: checks.max_runs must be an integer of at least 1, not a decimal number"),
            ("{max_runs: true}", "4:20: checks.max_runs must be an integer of at least 1, not a boolean"),
            ("{max_run: 5}", "4:10: unknown field 'max_run' in checks; did you mean 'max_runs'?"),
            ("staging", "4:9: checks must be a mapping, not text"),
        ],
    )
    def test_a_problem_of_the_terms_of_checks_has_its_place(self, tmp_path: Path, checks: str, found: str) -> None:
        text = f"{SMALL}targets: {{prod: {{url: 'https://x.org'}}}}\nchecks: {checks}\n"
        assert problems(tmp_path, text) == [found]

    @pytest.mark.parametrize(
        ("field", "place"),
        [("manifests: checks", "3:12"), ("archive: checks/old", "3:10"), ("manifests: ./checks/", "3:12")],
    )
    def test_no_other_folder_is_in_that_of_the_checks(self, tmp_path: Path, field: str, place: str) -> None:
        (problem,) = problems(tmp_path, f"{SMALL}{field}\n")
        assert problem.startswith(f"{place}: 'checks")
        assert problem.endswith("is in the folder of the checks; name another one")

    def test_folders_stay_inside_the_repository(self, tmp_path: Path) -> None:
        found = problems(tmp_path, SMALL + "manifests: ../assistants\narchive: assistants/../..\n")
        assert found == [
            "3:12: '../assistants' is outside of the repository",
            "4:10: '..' is outside of the repository",
        ]

    def test_an_archive_must_not_hold_the_manifests(self, tmp_path: Path) -> None:
        assert problems(tmp_path, SMALL + "manifests: a/b\narchive: a\n") == [
            "4:10: 'a' contains the manifests, so it cannot also be the archive"
        ]

    def test_all_problems_are_reported_at_once(self, tmp_path: Path) -> None:
        text = "version: 2\nproject: X\nfoo: 1\ntargets: {a: {url: 'ftp://x', prune: 1}, b: {}}\n"
        assert [problem.partition(": ")[0] for problem in problems(tmp_path, text)] == [
            "1:10", "2:10", "3:1", "4:20", "4:38", "4:45",
        ]  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(max_size=50)
    | st.lists(
        st.sampled_from([*SMALL.splitlines(), "targets:", "  a: {url: 'https://x.org'}", "  b:", "    headers: {a: 1}",
                         "    limits: {x: [1]}", "default_target: a", "archive: {}", "---", "'[key]': 1", "a: !x"]),
        max_size=8,
    ).map("\n".join)
)  # fmt: skip
def test_any_text_is_a_project_or_has_problems(tmp_path: Path, text: str) -> None:
    (tmp_path / "assistant-sync.yaml").write_bytes(text.encode(errors="surrogatepass"))
    try:
        load_project(tmp_path / "assistant-sync.yaml")
    except InvalidFiles as error:
        assert error.problems  # noqa: PT017 - whether it is raised depends on the text


@pytest.mark.parametrize("is_git", [False, True])
def test_a_project_file_that_is_a_link_out_of_the_repository_is_not_read(is_git: bool, tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    repository.mkdir()
    if is_git:
        (repository / ".git").mkdir()
    secret = tmp_path / "outside.json"
    secret.write_text('{"auths": {}, "s3cr3t-looking-key": 1}', encoding="utf-8")
    (repository / "assistant-sync.yaml").symlink_to(secret)
    with pytest.raises(InvalidFiles) as raised:
        load_project(repository / "assistant-sync.yaml")
    (problem,) = raised.value.problems
    assert problem.message == "it is a symlink that leads out of the repository; put the file itself here"


def test_a_project_file_that_is_a_link_into_git_is_not_read(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/config").write_text("x", encoding="utf-8")
    (tmp_path / "assistant-sync.yaml").symlink_to(".git/config")
    with pytest.raises(InvalidFiles, match="1 problem"):
        load_project(tmp_path / "assistant-sync.yaml")


class TestSelfHosting:
    def test_plain_http_to_a_service_is_allowed_where_the_target_allows_it(self, tmp_path: Path) -> None:
        own = target(tmp_path, "url: http://agents:8123\n    allow_http: true")
        assert (own.url, own.allow_http) == ("http://agents:8123", True)
        refused = problems(tmp_path, f"{SMALL}targets: {{prod: {{url: 'http://agents:8123', allow_http: false}}}}\n")
        assert "allow_http: true" in refused[0]

    def test_no_key_is_sent_where_auth_is_none(self, tmp_path: Path) -> None:
        assert target(tmp_path, "url: https://x.org").auth is Auth.KEY
        assert target(tmp_path, "url: https://x.org\n    auth: key").auth is Auth.KEY
        assert target(tmp_path, "url: https://x.org\n    auth: none").auth is Auth.NONE
        assert problem_of_target(tmp_path, "auth: no") == "6:11: targets.prod.auth must be key or none"

    def test_a_key_that_is_named_and_not_to_be_sent_is_an_error(self, tmp_path: Path) -> None:
        problem = problem_of_target(tmp_path, "auth: none\n    api_key_env: KEY")
        assert problem == "7:5: api_key_env names a key, and auth: none sends none; remove one of the two"


class TestFormerNames:
    def test_a_target_has_none_unless_it_names_them(self, tmp_path: Path) -> None:
        assert target(tmp_path, "url: https://x.org").formerly == ()
        assert target(tmp_path, "url: https://x.org\n    formerly: [production, live]").formerly == (
            "production",
            "live",
        )

    def test_the_name_of_a_target_that_is_there_is_no_former_one(self, tmp_path: Path) -> None:
        for other in ("prod", "staging"):
            found = problems(
                tmp_path,
                f"{SMALL}targets:\n  staging: {{url: 'https://s.org'}}\n"
                f"  prod: {{url: 'https://x.org', formerly: [live, {other}]}}\n",
            )
            assert len(found) == 1
            assert f"formerly: '{other}' is a target of this file" in found[0]

    def test_what_can_be_no_name_of_a_target_is_an_error(self, tmp_path: Path) -> None:
        assert "a target's name is" in problem_of_target(tmp_path, "formerly: [a b]")


class TestFormerProjects:
    def test_a_project_has_none_unless_it_names_them(self, tmp_path: Path) -> None:
        project = load(tmp_path, SMALL)
        assert (project.former_projects, project.names) == ((), (project.name,))
        assert project.first_name == project.name

    def test_the_first_of_them_gives_ids_and_the_lock(self, tmp_path: Path) -> None:
        project = load(tmp_path, f"{SMALL}former_projects: [first, second]\n")
        assert project.names == ("first", "second", project.name)
        assert project.first_name == "first"

    @pytest.mark.parametrize(
        ("written", "message"),
        [
            ("[acme]", "'acme' is the name of this project"),
            ("[old, old]", "'old' is named twice"),
            ("[Old]", "a project's name is"),
            ("old", "former_projects must be a list"),
        ],
    )
    def test_what_can_be_no_former_name_is_an_error(self, tmp_path: Path, written: str, message: str) -> None:
        (found,) = problems(tmp_path, f"version: 1\nproject: acme\nformer_projects: {written}\n")
        assert message in found
        assert found.startswith("3:")


class TestLiterals:
    def test_there_are_none_unless_they_are_named(self, tmp_path: Path) -> None:
        assert load(tmp_path, SMALL).allow_literals == ()

    @pytest.mark.parametrize(
        ("path", "meant"),
        [
            ("context.examples[0].url", ("context", "examples", 0, "url")),
            ("[context, a.b, 2]", ("context", "a.b", 2)),
            ("name", ("name",)),
            ("config.configurable.api-key", ("config", "configurable", "api-key")),
        ],
    )
    def test_a_path_is_written_as_messages_write_it(self, tmp_path: Path, path: str, meant: tuple[str, ...]) -> None:
        text = f"{SMALL}allow_literals:\n  - path: {path}\n    reason: made up\n"
        assert load(tmp_path, text).allow_literals == (meant,)

    @pytest.mark.parametrize(
        ("entry", "message"),
        [
            ("{path: context.a}", "allow_literals[0].reason is required"),
            ("{path: context.a, reason: ''}", "reason must be a sentence that says why"),
            ("{path: '', reason: x}", "this must be a path such as"),
            ("{path: 'context..a', reason: x}", "this must be a path such as"),
            ("{path: [], reason: x}", "this must be a path such as"),
            ("{path: [1.5], reason: x}", "this must be a path such as"),
            ("{path: contxt.a, reason: x}", "the path must begin with one of context, config"),
            ("{path: context.a, reason: x, key: b}", "unknown field 'key'"),
        ],
    )
    def test_what_is_wrong_with_one_is_named(self, tmp_path: Path, entry: str, message: str) -> None:
        (problem,) = problems(tmp_path, f"{SMALL}allow_literals:\n  - {entry}\n")
        assert message in problem
