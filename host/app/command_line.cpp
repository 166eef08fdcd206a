#include "host/app/command_line.hpp"

#include <iostream>

#include <CLI/CLI.hpp>

namespace davy {
namespace {

constexpr const char* description =
    "The surface daemon of a mine's sensor network: takes what the gateways send to the broker, keeps it,\n"
    "raises alarms, and serves the dispatch room's page.";

constexpr const char* footer = R"(
Examples:
  davy-host --config /etc/davy/host.textproto --check
      reads the configuration and the files it names, and prints what it amounts to; or all mistakes,
      each with file, line and column
  davy-host --config /etc/davy/host.textproto
      runs in the foreground, logging to standard error; Ctrl-C ends it. The very first start prints
      the one-time password of the user admin; the page is at https://ADDRESS:PORT/
  sudo -u davy davy-host --config /etc/davy/host.textproto user add wang --role operator --generate
      prints a password for wang, who has to change it at the first sign-in

A first configuration:
  mine: "M1"
  broker { host: "10.0.0.5"
           tls { ca: "ca.pem" certificate: "host.pem" key: "host.key" } }
  web { address: "10.0.0.5" port: 8443 }

SIGTERM or Ctrl-C: what has arrived is stored, the broker is told good-bye, pages are told that the host
stops. A second one: ends at once; nothing that a gateway was told is stored gets lost.

Exit codes:
   0  stopped as asked, or the configuration is good
  64  wrong command line
  65  a user command was refused; the message says why
  69  the web's address or port is in use by another program, or not allowed
  70  a mistake inside davy-host: please report it with the log
  73  the data folder cannot be used: another davy-host has it, it is damaged or made by a newer
      davy-host, or there is no permission
  74  reading or writing a disk failed, or it is full
  78  the configuration, or a file it names, has mistakes
)";

constexpr const char* user_footer = R"(
Roles: viewer reads; operator also acknowledges alarms; admin is for who looks after Davy.
Passwords are asked for at the terminal without showing them; when standard input is no terminal, its
first line is taken. Run these commands as the user that davy-host runs as; a running davy-host takes the
changes over within seconds, and signs out who was removed or has a new password.
)";

std::string check_level(const std::string& word) {
  return log::level_named(word) ? "" : "there is no level '" + word + "'; take debug, info, warn or error";
}

std::string check_role(const std::string& word) {
  Role role{};
  return from_string(word, role) ? "" : "there is no role '" + word + "'; take viewer, operator or admin";
}

struct UserWords {
  std::string role;
};

CLI::App* add_verb(CLI::App& user, UserCommand& out, UserVerb verb, const char* word, const char* what) {
  CLI::App* app = user.add_subcommand(word, what);
  app->callback([&out, verb] { out.verb = verb; });
  return app;
}

void add_name(CLI::App* app, UserCommand& out) {
  app->add_option("NAME", out.name, "the user's name")->required();
}

void add_password_options(CLI::App* app, UserCommand& out) {
  app->add_flag("--generate", out.generate, "make a temporary password up and print it");
  app->add_flag("--temporary", out.temporary, "it has to be changed at the first sign-in");
}

void add_user_commands(CLI::App& user, UserCommand& out, UserWords& words) {
  user.footer(user_footer);
  user.require_subcommand(1);
  CLI::App* add = add_verb(user, out, UserVerb::add, "add", "make a user");
  add_name(add, out);
  add->add_option("--role", words.role, "viewer, operator or admin")
      ->required()
      ->check(CLI::Validator(check_role, ""));
  add_password_options(add, out);
  add_verb(user, out, UserVerb::list, "list", "print all users");
  CLI::App* password = add_verb(user, out, UserVerb::password, "password", "give a user a new password");
  add_name(password, out);
  add_password_options(password, out);
  CLI::App* role = add_verb(user, out, UserVerb::role, "role", "change what a user may do");
  add_name(role, out);
  role->add_option("ROLE", words.role, "viewer, operator or admin")
      ->required()
      ->check(CLI::Validator(check_role, ""));
  add_name(add_verb(user, out, UserVerb::remove, "remove", "remove a user"), out);
  CLI::App* audit =
      add_verb(user, out, UserVerb::audit, "audit", "print who did what, and check that nobody edited it");
  audit->add_option("--last", out.last, "how many lines")->capture_default_str();
}

}  // namespace

std::variant<CommandLine, ExitCode> parse_command_line(int argc, const char* const* argv) {
  CommandLine out;
  UserCommand user_command;
  UserWords words;
  CLI::App app{description, "davy-host"};
  app.footer(footer);
  app.set_version_flag("--version", std::string{"davy-host "} + DAVY_VERSION, "print the version and end");
  app.add_option("-c,--config", out.config, "the host's configuration")->type_name("FILE")->required();
  app.add_flag("--check", out.check, "check the configuration, print what it amounts to, and end");
  std::string level = "info";
  app.add_option("--log-level", level, "the least important lines to log: debug, info, warn or error")
      ->type_name("L")
      ->check(CLI::Validator(check_level, ""))
      ->capture_default_str();
  CLI::App* user = app.add_subcommand("user", "who may sign in, and what they did");
  user->fallthrough();  // --config may come last
  add_user_commands(*user, user_command, words);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    app.exit(success);
    return ExitCode::ok;
  } catch (const CLI::ParseError& error) {
    std::cerr << "davy-host: " << error.what() << "\nRun davy-host --help for usage and examples.\n";
    return ExitCode::usage;
  }
  out.log_level = *log::level_named(level);
  if (*user) {
    static_cast<void>(from_string(words.role, user_command.role));
    out.user = user_command;
  }
  return out;
}

}  // namespace davy
