%% SPDX-License-Identifier: Apache-2.0
%% The other side of values.c: the same questions, answered by what Erlang's compiler makes of our
%% modules.
-module(values).
-export([compile/0, serve/0]).

%% What is run a few thousand times is sooner compiled than optimized.
-define(UNOPTIMIZED, [no_copt, no_postopt, no_ssa_opt, no_type_opt, no_bsm_opt, no_share_opt]).

%% Every module in the folder that is not compiled yet, all at once.
compile() ->
    Self = self(),
    Work = [spawn_link(fun() -> Self ! {self(), module(File)} end) || File <- filelib:wildcard("*.asn1")],
    Bad = [Failed || Pid <- Work, Failed <- [receive {Pid, Done} -> Done end], Failed =/= ok],
    [io:format(standard_error, "~p~n", [Failed]) || Failed <- Bad],
    halt(length(Bad)).

module(File) ->
    case filelib:is_file(filename:rootname(File) ++ ".beam") orelse
        asn1ct:compile(File, [ber, maps, {outdir, "."} | ?UNOPTIMIZED]) of
        {error, Why} -> {File, Why};
        _ -> ok
    end.

serve() ->
    io:setopts([binary, {encoding, latin1}]),
    serve(io:get_line("")).

serve(eof) ->
    halt(0);
serve(Line) ->
    [Module, Type, Hex] = string:lexemes(binary_to_list(Line), " \n"),
    io:put_chars([answer(list_to_atom(Module), list_to_atom(Type), binary:decode_hex(list_to_binary(Hex))),
                  "\n"]),
    serve(io:get_line("")).

answer(Module, Type, Octets) ->
    try Module:decode(Type, Octets) of
        {ok, Value} -> encoded(Module:encode(Type, Value), Value);
        {error, _} -> "no"
    catch
        _:Why -> ["no: it crashed: ", string:replace(io_lib:format("~0p", [Why]), "\n", " ", all)]
    end.

encoded({ok, Der}, Value) -> ["yes ", hex(Der) | show("", Value)];
encoded({error, _}, _) -> "no: it cannot be encoded".

show(Path, Value) when is_map(Value) ->
    [line(Path, ["{", integer_to_list(map_size(Value)), "}"]) |
     [show([Path, ".", atom_to_list(Name)], Member) || {Name, Member} <- maps:to_list(Value)]];
show(Path, {Alternative, Value}) when is_atom(Alternative) ->
    show([Path, ".", atom_to_list(Alternative)], Value);
show(Path, Values) when is_list(Values) ->
    case lists:all(fun is_integer/1, Values) of
        true -> [line(Path, io_lib:format("~w", [Values]))];
        false -> [line(Path, ["[", integer_to_list(length(Values)), "]"]) |
                  [show(Path, Value) || Value <- Values]]
    end;
show(Path, Value) -> line(Path, word(Value)).

word('NULL') -> "null";
word(Name) when is_atom(Name) -> atom_to_list(Name);
word(Number) when is_integer(Number) -> integer_to_list(Number);
word(Oid) when is_tuple(Oid) -> lists:join(".", [integer_to_list(Arc) || Arc <- tuple_to_list(Oid)]);
word(Octets) when is_binary(Octets) -> hex(Octets);
word(Bits) ->
    Unused = 8 - bit_size(Bits) rem 8,
    [hex(<<Bits/bitstring, 0:Unused>>), "/", integer_to_list(Unused)].

line(Path, Words) -> [" ", Path, "=", Words].

hex(Octets) -> string:lowercase(binary:encode_hex(iolist_to_binary(Octets))).
