// SPDX-License-Identifier: Apache-2.0
// cmd_completion.cc: `stray completion SHELL`: what lets a shell complete stray's command line, made from the
// options themselves.
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "analyzer/cli/commands.h"
#include "analyzer/cli/options.h"

namespace stray::analyzer {
namespace {

constexpr const char* kExamples = R"(Examples:
  source <(stray completion bash)
  stray completion zsh > "${fpath[1]}/_stray"
  stray completion fish > ~/.config/fish/completions/stray.fish

The Debian package installs all three.)";

struct CompletedOption {
  std::vector<std::string> names;  // "-o", "--format"
  std::string description;
  bool takes_value = false;
  std::vector<std::string> words;  // that the value can be; empty: a file, or anything
};

struct CompletedCommand {
  std::string name;
  std::string description;
  std::vector<CompletedOption> options;
};

CompletedOption Describe(const CLI::Option& option) {
  CompletedOption out;
  for (const std::string& name : option.get_snames()) out.names.push_back(absl::StrCat("-", name));
  for (const std::string& name : option.get_lnames()) out.names.push_back(absl::StrCat("--", name));
  out.description = option.get_description();
  out.takes_value = option.get_items_expected_max() > 0;
  out.words = WordsOf(option);
  return out;
}

std::vector<CompletedCommand> Describe(const CLI::App& root) {
  std::vector<CompletedCommand> commands;
  for (const CLI::App* app : root.get_subcommands({})) {
    CompletedCommand& command = commands.emplace_back();
    command.name = app->get_name();
    command.description = app->get_description();
    for (const CLI::Option* option : app->get_options()) {
      if (!option->get_snames().empty() || !option->get_lnames().empty())
        command.options.push_back(Describe(*option));
    }
  }
  return commands;
}

std::string Quoted(const std::string& text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

std::string NamesOf(const CompletedCommand& command) {
  std::vector<std::string> names;
  for (const CompletedOption& option : command.options) {
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return absl::StrJoin(names, " ");
}

std::string BashScript(const std::vector<CompletedCommand>& commands) {
  std::vector<std::string> names;
  std::string cases, values;
  for (const CompletedCommand& command : commands) {
    names.push_back(command.name);
    absl::StrAppend(&cases, "    ", command.name, ") options=", Quoted(NamesOf(command)), " ;;\n");
    for (const CompletedOption& option : command.options) {
      if (!option.takes_value) continue;
      std::vector<std::string> patterns;
      for (const std::string& name : option.names) patterns.push_back(absl::StrCat(command.name, ":", name));
      absl::StrAppend(&values, "    ", absl::StrJoin(patterns, "|"), ") ",
                      option.words.empty()
                          ? "COMPREPLY=($(compgen -f -- \"$word\"))"
                          : absl::StrCat("COMPREPLY=($(compgen -W ", Quoted(absl::StrJoin(option.words, " ")),
                                         " -- \"$word\"))"),
                      "; return ;;\n");
    }
  }
  return absl::StrCat(R"(# bash completion of stray, made by `stray completion bash`
_stray() {
  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} options='' i
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W ')",
                      absl::StrJoin(names, " "), R"( --help --version' -- "$word"))
    return
  fi
  for ((i = 2; i < COMP_CWORD; ++i)); do
    # What follows is another program's command line.
    if [[ ${COMP_WORDS[i]} == -- ]]; then
      if declare -F _command_offset > /dev/null; then _command_offset $((i + 1)); fi
      return
    fi
  done
  case $command:$previous in
)",
                      values, R"(  esac
  case $command in
)",
                      cases, R"(  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -o filenames -F _stray stray
)");
}

// Inside an argument of zsh's _arguments some characters have a meaning.
std::string ZshText(const std::string& text) {
  return absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"[", "\\["}, {"]", "\\]"}, {":", "\\:"}});
}

std::string ZshScript(const std::vector<CompletedCommand>& commands) {
  std::string list, cases;
  for (const CompletedCommand& command : commands) {
    absl::StrAppend(&list, "    ", Quoted(absl::StrCat(command.name, ":", ZshText(command.description))), "\n");
    absl::StrAppend(&cases, "    ", command.name, ")\n      _arguments -S");
    for (const CompletedOption& option : command.options) {
      for (const std::string& name : option.names) {
        const std::string value =
            !option.takes_value    ? ""
            : option.words.empty() ? ":value:_files"
                                   : absl::StrCat(":value:(", ZshText(absl::StrJoin(option.words, " ")), ")");
        const std::string marked =
            option.takes_value && absl::StartsWith(name, "--") ? absl::StrCat(name, "=") : name;
        absl::StrAppend(&cases, " \\\n        ",
                        Quoted(absl::StrCat(marked, "[", ZshText(option.description), "]", value)));
      }
    }
    absl::StrAppend(&cases, " \\\n        '*:: :", command.name == "run" ? "_normal" : "_files",
                    "'\n      ;;\n");
  }
  return absl::StrCat("#compdef stray\n# zsh completion of stray, made by `stray completion zsh`\n",
                      "_stray() {\n  local -a commands=(\n", list,
                      "  )\n  if ((CURRENT == 2)); then\n    _describe command commands\n    return\n  fi\n",
                      "  local command=$words[2]\n  shift words\n  ((--CURRENT))\n  case $command in\n", cases,
                      "  esac\n}\n_stray \"$@\"\n");
}

std::string FishScript(const std::vector<CompletedCommand>& commands) {
  std::string script = "# fish completion of stray, made by `stray completion fish`\n";
  for (const CompletedCommand& command : commands) {
    absl::StrAppend(&script, "complete -c stray -f -n __fish_use_subcommand -a ", command.name, " -d ",
                    Quoted(command.description), "\n");
    for (const CompletedOption& option : command.options) {
      absl::StrAppend(&script, "complete -c stray -n '__fish_seen_subcommand_from ", command.name, "'");
      for (const std::string& name : option.names) {
        const bool is_long = absl::StartsWith(name, "--");
        absl::StrAppend(&script, is_long ? " -l " : " -s ", name.substr(is_long ? 2 : 1));
      }
      if (option.takes_value) absl::StrAppend(&script, " -r");
      if (!option.words.empty()) absl::StrAppend(&script, " -f -a ", Quoted(absl::StrJoin(option.words, " ")));
      absl::StrAppend(&script, " -d ", Quoted(option.description), "\n");
    }
  }
  return script;
}

class CompletionCommand : public Command {
 public:
  const char* Name() const override { return "completion"; }
  const char* Description() const override { return "Print what lets a shell complete stray's options"; }

  void AddOptions(CLI::App& app) override {
    app.footer(kExamples);
    root_ = app.get_parent();
    app.add_option("shell", shell_, "bash, zsh or fish")
        ->required()
        ->check(OneOf({"bash", "zsh", "fish"}))
        ->type_name("SHELL");
  }

  int Run() override {
    const std::vector<CompletedCommand> commands = Describe(*root_);
    const std::string script = shell_ == "bash"  ? BashScript(commands)
                               : shell_ == "zsh" ? ZshScript(commands)
                                                 : FishScript(commands);
    const bool is_written = std::fputs(script.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
    return is_written ? 0 : Fail(1, "cannot write to standard output");
  }

 private:
  const CLI::App* root_ = nullptr;
  std::string shell_;
};

}  // namespace

std::unique_ptr<Command> MakeCompletionCommand() { return std::make_unique<CompletionCommand>(); }

}  // namespace stray::analyzer
