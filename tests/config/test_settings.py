"""Settings from options and variables (CONTRACT section 8)."""

from decimal import Decimal
from pathlib import Path

import pytest

from config.settings import ROWS, SettingError, Settings, help_text, option_name


def test_nothing_given_is_the_documented_default():
    settings = Settings.load([], {})
    assert settings.port == (8000,)
    assert settings.address == "localhost"
    assert settings.storage == "embedded"
    assert settings.data_dir == Path("data")
    assert settings.public_url == "http://localhost:8000"
    assert (settings.smtp_url, settings.sms_url, settings.jwt_secret) == ("", "", "")


def test_an_option_wins_over_its_variable():
    environment = {"AGORA_PORT": "1", "AGORA_LOG_FORMAT": "json", "PATH": "/bin"}
    settings = Settings.load(["--port=2"], environment)
    assert (settings.port, settings.log_format) == ((2,), "json")


def test_the_last_of_two_options_counts():
    assert Settings.load(["--port=1", "--port=2"], {}).port == (2,)


@pytest.mark.parametrize(
    ("given", "ports"),
    [("8000", (8000,)), ("5000,8000, 8080", (5000, 8000, 8080)), ("0", (0,)), ("0,0", (0, 0))],
)
def test_several_ports(given: str, ports: tuple[int, ...]):
    assert Settings.load([f"--port={given}"], {}).port == ports


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("YES", True), ("on", True), ("1", True), ("false", False), ("0", False)],
)
def test_switches(text: str, value: bool):
    assert Settings.load([f"--allow-standalone={text}"], {}).allow_standalone is value


def test_a_switch_alone_is_on():
    assert Settings.load(["--allow-standalone"], {}).allow_standalone is True


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--prot=1"], "Unknown option --prot. Did you mean --port?"),
        (["--datadir=x"], "Unknown option --datadir. Did you mean --data-dir?"),
        (["--zzz"], "Unknown option --zzz. --help lists them."),
        (["port=1"], "Unknown option port. Did you mean --port?"),
        (["-port=1"], "Unknown option -port. Did you mean --port?"),
        (["8000"], "Unknown option 8000. --help lists them."),
        (["--port"], "--port needs a value: --port=VALUE."),
        (["--jwt-secret"], "--jwt-secret needs a value: --jwt-secret=VALUE."),
    ],
)
def test_an_unknown_option_stops_the_start(arguments: list[str], message: str):
    with pytest.raises(SettingError) as caught:
        Settings.load(arguments, {})
    assert str(caught.value) == message


def test_an_unknown_variable_stops_the_start():
    with pytest.raises(SettingError) as caught:
        Settings.load([], {"AGORA_STORAG": "memory"})
    assert str(caught.value) == "Unknown setting AGORA_STORAG. Did you mean --storage?"


PORTS = "port numbers from 0 to 65535, separated by commas"
STORAGE = "embedded, memory or mongodb://HOST/DATABASE?replicaSet=NAME"
URL = "an http:// or https:// address"
RATES = (
    "a JSON object of percentages from 0 to 100 by country or country-state, "
    'e.g. {"US-OR": 0, "DE": 19}'
)
PROXIES = "addresses and networks, separated by commas"
ORIGINS = "origins as browsers send them, e.g. https://app.example.com, or * for all"
METHODS = (
    "a JSON object of prices in whole minor units by method, "
    'e.g. {"ship_standard": 0, "ship_express": 1500}'
)


@pytest.mark.parametrize(
    ("option", "takes"),
    [
        ("--port=", PORTS),
        ("--port=x", PORTS),
        ("--port=-1", PORTS),
        ("--port=65536", PORTS),
        ("--port=80,", PORTS),
        ("--port=８０", PORTS),
        ("--port=80,80", "each port once"),
        ("--address=", "a host name or address; 0.0.0.0 for every interface"),
        ("--storage=sqlite", STORAGE),
        ("--storage=", STORAGE),
        ("--allow-standalone=maybe", "true or false"),
        ("--allow-standalone=", "true or false"),
        ("--public-url=localhost", URL),
        ("--public-url=ftp://x", URL),
        ("--public-url=http://", URL),
        ("--public-url=http://[", URL),
        ("--sms-url=x", URL),
        ("--sms-url=https:///send", URL),
        ("--sms-url=https://h:99999", URL),
        ("--sms-url=http://h:0", URL),
        ("--jwt-secret=short", "at least 32 bytes"),
        ("--jwt-secret=", "at least 32 bytes"),
        ("--log-format=xml", "text or json"),
        ("--log-level=loud", "debug or info or warning or error"),
        ("--max-connections=0", "a whole number from 1"),
        ("--max-connections=1e3", "a whole number from 1"),
        ("--max-connections-per-address=-5", "a whole number from 1"),
        ("--trusted-proxies=10.0.0.1/8", f"{PROXIES} (10.0.0.1/8 has host bits set)"),
        (
            "--trusted-proxies=127.0.0.1,proxy",
            f"{PROXIES} ('proxy' does not appear to be an IPv4 or IPv6 network)",
        ),
        ("--trusted-proxies=::/0", "the addresses of your proxies; everybody is not one"),
        ("--cors-origins=app.example.com", ORIGINS),
        ("--cors-origins=https://app.example.com/", ORIGINS),
        ("--cors-origins=https://app.example.com/page", ORIGINS),
        ("--cors-origins=https://app.example.com:443", ORIGINS),
        ("--cors-origins=http://localhost:80", ORIGINS),
        ("--cors-origins=https://bücher.example", ORIGINS),
        ("--cors-origins=https://user@app.example.com", ORIGINS),
        ("--cors-origins=https://*.example.com", ORIGINS),
        ("--cors-origins=*,https://app.example.com", ORIGINS),
        ("--cors-origins=null", ORIGINS),
        ("--bcrypt-cost=3", "a whole number from 4 to 16"),
        ("--bcrypt-cost=17", "a whole number from 4 to 16"),
        ("--tax-rates=", RATES),
        ("--tax-rates=19", RATES),
        ('--tax-rates={"DE": -1}', RATES),
        ('--tax-rates={"DE": 100.5}', RATES),
        ('--tax-rates={"DE": "NaN"}', RATES),
        ('--tax-rates={"DE": 1e-9}', RATES),
        ('--tax-rates={"Germany": 19}', RATES),
        ('--tax-rates={"de": 19}', RATES),
        ("--shipping-methods=[]", METHODS),
        ("--shipping-methods={}", METHODS),
        ('--shipping-methods={"ship_standard": -1}', METHODS),
        ('--shipping-methods={"ship_standard": 4.99}', METHODS),
        ('--shipping-methods={"ship standard": 0}', METHODS),
        ("--lms-managers-mail=a@example.com;b@example.com", "mail addresses, separated by commas"),
    ],
)
def test_a_value_that_does_not_fit_says_what_does(option: str, takes: str):
    name, _, value = option.partition("=")
    with pytest.raises(SettingError) as caught:
        Settings.load([option], {})
    assert str(caught.value) == f"{name}: it takes {takes}."
    variable = "AGORA_" + name.removeprefix("--").replace("-", "_").upper()
    with pytest.raises(SettingError) as caught:
        Settings.load([], {variable: value})
    assert str(caught.value) == f"{variable}: it takes {takes}."


def test_tax_rates_are_exact_decimals():
    settings = Settings.load(['--tax-rates={"US-OR": 0, "US-NY": 8.875, "DE": 19}'], {})
    assert settings.tax_rates == {
        "US-OR": Decimal(0),
        "US-NY": Decimal("8.875"),
        "DE": Decimal(19),
    }
    assert Settings().tax_rates == {}


def test_shipping_methods_have_prices_in_minor_units():
    assert Settings.load(['--shipping-methods={"pigeon": 250}'], {}).shipping_methods == {
        "pigeon": 250
    }
    assert Settings().shipping_methods == {"ship_standard": 0, "ship_express": 1500}


def test_trusted_proxies_are_addresses_and_networks():
    given = Settings.load(["--trusted-proxies= 127.0.0.1, 10.0.0.0/8,2001:db8::/32"], {})
    assert [str(network) for network in given.trusted_proxies] == [
        "127.0.0.1/32",
        "10.0.0.0/8",
        "2001:db8::/32",
    ]
    assert Settings.load(["--trusted-proxies="], {}).trusted_proxies == ()


def test_origins_are_kept_as_browsers_send_them():
    text = "https://App.Example.com, http://localhost:3000,http://[::1]:8080,capacitor://localhost"
    assert Settings.load([f"--cors-origins={text}"], {}).cors_origins == (
        "https://app.example.com",
        "http://localhost:3000",
        "http://[::1]:8080",
        "capacitor://localhost",
    )
    assert Settings.load(["--cors-origins=*"], {}).cors_origins == ("*",)
    assert Settings.load(["--cors-origins="], {}).cors_origins == ()


def test_the_managers_to_tell_are_addresses_in_their_one_spelling():
    given = Settings.load(["--lms-managers-mail= A@Example.com,b@example.com,"], {})
    assert given.lms_managers_mail == ("a@example.com", "b@example.com")
    assert Settings.load(["--lms-managers-mail="], {}).lms_managers_mail == ()


def test_a_secret_is_never_repeated_in_a_refusal():
    with pytest.raises(SettingError) as caught:
        Settings.load(["--jwt-secret=hunter2"], {})
    assert "hunter2" not in str(caught.value)


def test_a_public_address_loses_its_last_slash():
    assert Settings.load(["--public-url=https://x/y/"], {}).public_url == "https://x/y"


@pytest.mark.parametrize("name", ["sms-url", "google-token-url"])
def test_an_address_that_something_is_sent_to_stays_as_it_is(name: str):
    """`/send` is another address than `/send/`, and redirects are not followed."""
    address = "https://x/send/?to=a/"
    settings = Settings.load([f"--{name}={address}"], {})
    assert getattr(settings, name.replace("-", "_")) == address


def test_help_has_a_line_for_every_setting():
    lines = help_text().splitlines()
    for name, row in ROWS.items():
        (line,) = [line for line in lines if line.split()[:1] == [option_name(name)]]
        assert row.metadata["help"] in line
